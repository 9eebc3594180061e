import { e164Number } from '../field-rule.js';
import { digitsExpectation, digitsPattern } from './speech-verbs.js';
import { TwimlAttributes } from './twiml-attributes.js';
import type { TwimlElement } from './twiml-document.js';
import {
  callProgressEvents,
  conferenceBeeps,
  conferenceEvents,
  type ConferenceNoun,
  type DialledParty,
  dialRecords,
  type TwimlVerb,
} from './twiml-program.js';
import type { TwimlReading } from './twiml-reading.js';

type Dial = Extract<TwimlVerb, { readonly verb: 'dial' }>;

const ringSecondsMax = 600;
const talkSecondsMax = 86_400;
/** The most parties that one dial rings. */
const partiesMax = 10;
const participantsMax = 250;
/** A SIP URI with its parameters, and the headers that the INVITE gets. */
const sipUri =
  /^sips?:[A-Za-z0-9_.!~*'()&=+$,;?/%-]{1,64}@[A-Za-z0-9.-]{1,253}(?::\d{1,5})?(?:;[\x21-\x3e\x40-\x7e]{1,128})?(?:\?[\x21-\x7e]{1,1024})?$/;

export function readDial(element: TwimlElement, reading: TwimlReading): Dial {
  const { line, column } = element;
  const attributes = new TwimlAttributes(element, reading);
  const sequential = attributes.flag('sequential', false);
  const callerId = attributes.text('callerId')?.trim() ?? null;
  if (callerId !== null && !e164Number.isValid(callerId))
    reading.fault(element, `callerId of <Dial> ${e164Number.expectation}.`);
  const dial = {
    verb: 'dial',
    line,
    column,
    to: readNouns(element, sequential, reading),
    ringTimeoutMs: attributes.seconds('timeout', 1, ringSecondsMax, 30),
    timeLimitMs: attributes.seconds('timeLimit', 1, talkSecondsMax, 14_400),
    callerId,
    answerOnBridge: attributes.flag('answerOnBridge', false),
    hangupOnStar: attributes.flag('hangupOnStar', false),
    record: attributes.choice('record', dialRecords, 'do-not-record'),
    action: attributes.request('action', 'method'),
  } as const;
  attributes.done();
  return dial;
}

function readNouns(element: TwimlElement, sequential: boolean, reading: TwimlReading): Dial['to'] {
  const nouns = reading.elementsOf(element, ['Number', 'Sip', 'Conference']);
  const bare = element.children
    .filter((child) => typeof child === 'string')
    .join('')
    .trim();
  if (bare !== '') {
    if (nouns.length > 0) reading.fault(element, '<Dial> has a number and elements; it can have one of both.');
    return { kind: 'parties', parties: [bareParty(element, bare, reading)], sequential };
  }
  const conference = nouns.find(({ name }) => name === 'Conference');
  if (conference !== undefined) {
    if (nouns.length > 1) reading.fault(element, '<Dial> has a <Conference>; it can have nothing besides.');
    return { kind: 'conference', ...readConference(conference, reading) };
  }
  if (nouns.length === 0 || nouns.length > partiesMax)
    reading.fault(element, `<Dial> needs a number, or 1 to ${String(partiesMax)} of <Number> and <Sip>.`);
  return { kind: 'parties', parties: nouns.map((noun) => readParty(noun, reading)), sequential };
}

function bareParty(element: TwimlElement, number: string, reading: TwimlReading): DialledParty {
  if (!e164Number.isValid(number)) reading.fault(element, `The text of <Dial> ${e164Number.expectation}.`);
  return { target: { kind: 'number', number, sendDigits: null }, screen: null, statusCallback: null };
}

function readParty(noun: TwimlElement, reading: TwimlReading): DialledParty {
  const attributes = new TwimlAttributes(noun, reading);
  const written = reading.textOf(noun);
  const target = noun.name === 'Sip' ? sipTarget(noun, written, attributes, reading) : numberTarget();
  const screen = attributes.request('url', 'method');
  const statusCallback = attributes.statusCallback(callProgressEvents, ['completed']);
  attributes.done();
  return { target, screen, statusCallback };

  function numberTarget(): DialledParty['target'] {
    if (!e164Number.isValid(written)) reading.fault(noun, `The text of <Number> ${e164Number.expectation}.`);
    const sendDigits = attributes.matching('sendDigits', digitsPattern, digitsExpectation);
    return { kind: 'number', number: written, sendDigits };
  }
}

function sipTarget(
  noun: TwimlElement,
  uri: string,
  attributes: TwimlAttributes,
  reading: TwimlReading,
): DialledParty['target'] {
  if (!sipUri.test(uri)) reading.fault(noun, 'The text of <Sip> is a SIP URI, such as sip:agent@pbx.example.com.');
  const [username, password] = [attributes.text('username'), attributes.text('password')];
  if ((username === null) !== (password === null))
    reading.fault(noun, '<Sip> has username or password; it needs both or neither.');
  const credential = username === null || password === null ? null : { username, password };
  return { kind: 'sip', uri, credential };
}

function readConference(noun: TwimlElement, reading: TwimlReading): ConferenceNoun {
  const name = reading.textOf(noun);
  if (name === '' || name.length > 128) reading.fault(noun, '<Conference> needs a name of 1 to 128 characters.');
  const attributes = new TwimlAttributes(noun, reading);
  const conference = {
    name,
    muted: attributes.flag('muted', false),
    beep: attributes.choice('beep', conferenceBeeps, 'true'),
    startConferenceOnEnter: attributes.flag('startConferenceOnEnter', true),
    endConferenceOnExit: attributes.flag('endConferenceOnExit', false),
    participantsMax: attributes.whole('maxParticipants', 2, participantsMax, participantsMax),
    record: attributes.choice('record', ['do-not-record', 'record-from-start'], 'do-not-record') !== 'do-not-record',
    participantLabel: attributes.text('participantLabel'),
    wait: attributes.request('waitUrl', 'waitMethod'),
    statusCallback: attributes.statusCallback(conferenceEvents, ['start', 'end']),
  };
  attributes.done();
  return conference;
}
