import { readConnect } from './connect-verb.js';
import { readDial } from './dial-verb.js';
import { readGather, readPause, readPlay, readRecord, readSay } from './speech-verbs.js';
import { TwimlAttributes } from './twiml-attributes.js';
import { readTwimlDocument, type TwimlElement } from './twiml-document.js';
import type { TwimlFault, TwimlWarning } from './twiml-fault.js';
import type { TwimlProgram, TwimlVerb } from './twiml-program.js';
import { TwimlReading } from './twiml-reading.js';

/** A document as a program, with what has no effect in it; or everything that is wrong with it, at least one fault. */
type ReadTwiml =
  | { readonly program: TwimlProgram; readonly warnings: readonly TwimlWarning[] }
  | { readonly faults: readonly TwimlFault[] };

type VerbReader = (element: TwimlElement, reading: TwimlReading) => TwimlVerb | undefined;

const readers: ReadonlyMap<string, VerbReader> = new Map<string, VerbReader>([
  ['Connect', readConnect],
  ['Dial', readDial],
  ['Say', readSay],
  ['Play', readPlay],
  ['Gather', readGather],
  ['Pause', readPause],
  ['Redirect', readRedirect],
  ['Record', readRecord],
  ['Hangup', readHangup],
  ['Reject', readReject],
]);
/** Verbs that exist, and that this platform does not carry out. */
const unsupported = ['Enqueue', 'Leave', 'Pay', 'Prompt', 'Queue', 'Refer', 'Sms', 'Start', 'Stop'];

/**
 * Reads a TwiML document (twilio.com/docs/voice/twiml). All faults are reported at once, each with its place; an
 * unknown attribute is a warning, an unknown verb a fault.
 *
 * @param documentUrl where the document was had, to which its URLs are relative; null: it came in a request
 */
export function readTwiml(text: string, documentUrl: string | null): ReadTwiml {
  const root = readTwimlDocument(text);
  if ('detail' in root) return { faults: [root] };
  const reading = new TwimlReading(documentUrl);
  const program = readResponse(root, reading);
  const { faults, warnings } = reading;
  return faults.length > 0 ? { faults } : { program, warnings };
}

function readResponse(root: TwimlElement, reading: TwimlReading): TwimlProgram {
  if (root.name !== 'Response') reading.fault(root, `The document is a <Response>, and not <${root.name}>.`);
  new TwimlAttributes(root, reading).done();
  if (root.children.some((child) => typeof child === 'string' && child.trim() !== ''))
    reading.fault(root, '<Response> has text outside of its verbs; <Say> says it.');
  const elements = root.children.filter((child) => typeof child !== 'string');
  const verbs = elements.map((element) => readVerb(element, reading)).filter((verb) => verb !== undefined);
  const last = verbs.findIndex(endsDocument);
  const unreached = last === -1 ? undefined : verbs[last + 1];
  if (unreached !== undefined) reading.warn(unreached, 'The verbs from here on are never reached.');
  const late = verbs.slice(1).find(({ verb }) => verb === 'reject');
  if (late !== undefined) reading.fault(late, '<Reject> is the first verb, or none: it declines an unanswered call.');
  return verbs;
}

function readVerb(element: TwimlElement, reading: TwimlReading): TwimlVerb | undefined {
  const read = readers.get(element.name);
  if (read !== undefined) return read(element, reading);
  const { name } = element;
  const known = [...readers.keys()].map((verb) => `<${verb}>`).join(', ');
  const match = [...readers.keys()].find((verb) => verb.toLowerCase() === name.toLowerCase());
  if (unsupported.includes(name)) reading.fault(element, `<${name}> is not carried out here; ${known} are.`);
  else if (match === undefined) reading.fault(element, `There is no verb <${name}>; there are ${known}.`);
  else reading.fault(element, `There is no verb <${name}>; it is written <${match}>.`);
  return undefined;
}

function endsDocument({ verb }: TwimlVerb): boolean {
  return verb === 'redirect' || verb === 'hangup' || verb === 'reject';
}

function readRedirect(element: TwimlElement, reading: TwimlReading): TwimlVerb {
  const { line, column } = element;
  const attributes = new TwimlAttributes(element, reading);
  const method = attributes.method();
  attributes.done();
  const url = reading.absoluteUrl(element, 'The text of <Redirect>', reading.textOf(element));
  return { verb: 'redirect', line, column, url, method };
}

function readHangup(element: TwimlElement, reading: TwimlReading): TwimlVerb {
  const { line, column } = element;
  reading.containedIn(element, []);
  new TwimlAttributes(element, reading).done();
  return { verb: 'hangup', line, column };
}

function readReject(element: TwimlElement, reading: TwimlReading): TwimlVerb {
  const { line, column } = element;
  reading.containedIn(element, []);
  const attributes = new TwimlAttributes(element, reading);
  const reason = attributes.choice('reason', ['rejected', 'busy'], 'rejected');
  attributes.done();
  return { verb: 'reject', line, column, reason };
}
