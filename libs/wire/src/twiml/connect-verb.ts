import { readRelay } from './relay-noun.js';
import { TwimlAttributes } from './twiml-attributes.js';
import type { TwimlElement } from './twiml-document.js';
import type { TwimlVerb } from './twiml-program.js';
import type { TwimlReading } from './twiml-reading.js';
import { readParameters, readSocketUrl } from './socket-noun.js';

type Connect = Extract<TwimlVerb, { readonly verb: 'connect' }>;

const streamNameCharactersMax = 128;

/** @returns undefined: there is nothing to connect to; the reading has the fault */
export function readConnect(element: TwimlElement, reading: TwimlReading): Connect | undefined {
  const { line, column } = element;
  const nouns = reading.containedIn(element, ['Stream', 'ConversationRelay']);
  const attributes = new TwimlAttributes(element, reading);
  const action = attributes.request('action', 'method');
  attributes.done();
  const [noun] = nouns;
  if (noun === undefined || nouns.length > 1) {
    reading.fault(element, '<Connect> needs one <Stream> or one <ConversationRelay>.');
    return undefined;
  }
  const to = noun.name === 'Stream' ? readStream(noun, reading) : readRelay(noun, reading);
  return { verb: 'connect', line, column, to, action };
}

function readStream(noun: TwimlElement, reading: TwimlReading): Connect['to'] {
  const parameters = readParameters(noun, reading.containedIn(noun, ['Parameter']), reading);
  const attributes = new TwimlAttributes(noun, reading);
  const url = readSocketUrl(noun, attributes, reading);
  const name = attributes.text('name');
  if (name !== null && (name === '' || name.length > streamNameCharactersMax))
    reading.fault(noun, `name of <Stream> is text of 1 to ${String(streamNameCharactersMax)} characters.`);
  const track = attributes.text('track') ?? 'inbound_track';
  if (track !== 'inbound_track')
    reading.fault(noun, 'track of <Stream> in <Connect> is inbound_track: the stream goes both ways.');
  const statusCallback = attributes.request('statusCallback', 'statusCallbackMethod');
  attributes.done();
  return { noun: 'stream', url, name, statusCallback, parameters };
}
