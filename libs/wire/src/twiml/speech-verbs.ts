import { durationMs } from '@ringfence/kernel/units';
import { TwimlAttributes } from './twiml-attributes.js';
import type { TwimlElement } from './twiml-document.js';
import type { Repetitions, TwimlVerb } from './twiml-program.js';
import type { TwimlReading } from './twiml-reading.js';

type VerbOf<Name extends TwimlVerb['verb']> = Extract<TwimlVerb, { readonly verb: Name }>;

const spokenCharactersMax = 4_096;
const timesMax = 1_000;
const pauseSecondsMax = 14_400;
/** DTMF in order, with pauses. */
export const digitsPattern = /^[0-9A-D#*wW]{1,32}$/;
export const digitsExpectation = 'is 1 to 32 of 0–9, A–D, #, *, w and W';

export function readSay(element: TwimlElement, reading: TwimlReading): VerbOf<'say'> {
  const { line, column } = element;
  const text = spokenText(element, reading).replace(/\s+/g, ' ').trim();
  if (text === '') reading.fault(element, '<Say> needs text to say.');
  if (text.length > spokenCharactersMax)
    reading.fault(element, `<Say> has more than ${String(spokenCharactersMax)} characters.`);
  const attributes = new TwimlAttributes(element, reading);
  const [voice, language] = [attributes.text('voice'), attributes.text('language')];
  const times = repetitions(attributes);
  attributes.done();
  return { verb: 'say', line, column, text, voice, language, times };
}

export function readPlay(element: TwimlElement, reading: TwimlReading): VerbOf<'play' | 'send-digits'> {
  const { line, column } = element;
  const attributes = new TwimlAttributes(element, reading);
  const digits = attributes.matching('digits', digitsPattern, digitsExpectation);
  const written = reading.textOf(element);
  const times = repetitions(attributes);
  attributes.done();
  if (digits === null) {
    const url = reading.absoluteUrl(element, 'The text of <Play>', written);
    return { verb: 'play', line, column, url, times };
  }
  if (written !== '') reading.fault(element, '<Play> has a URL and digits; it can have one of both.');
  return { verb: 'send-digits', line, column, digits };
}

export function readPause(element: TwimlElement, reading: TwimlReading): VerbOf<'pause'> {
  const { line, column } = element;
  reading.containedIn(element, []);
  const attributes = new TwimlAttributes(element, reading);
  const lengthMs = attributes.seconds('length', 1, pauseSecondsMax, 1);
  attributes.done();
  return { verb: 'pause', line, column, lengthMs };
}

const gatherSecondsMax = 600;
const digitsMax = 1_000;
const speechSecondsMax = 60;
const inputs = ['dtmf', 'speech'];

export function readGather(element: TwimlElement, reading: TwimlReading): VerbOf<'gather'> {
  const { line, column } = element;
  const prompts = reading.containedIn(element, ['Say', 'Play', 'Pause']).map((prompt) => readPrompt(prompt, reading));
  const attributes = new TwimlAttributes(element, reading);
  const input = attributes.words('input') ?? ['dtmf'];
  if (input.length === 0 || input.some((kind) => !inputs.includes(kind)))
    reading.fault(element, 'input of <Gather> is dtmf, speech or both, with a space between.');
  const finishOnKey = attributes.matching('finishOnKey', /^[0-9#*]?$/, 'is one of 0–9, # and *, or empty') ?? '#';
  const verb = {
    verb: 'gather',
    line,
    column,
    input: { dtmf: input.includes('dtmf'), speech: input.includes('speech') },
    action: attributes.requestOrDocument('action', 'method'),
    timeoutMs: attributes.seconds('timeout', 1, gatherSecondsMax, 5),
    digitsMax: attributes.whole('numDigits', 1, digitsMax, null),
    finishOnKey: finishOnKey === '' ? null : finishOnKey,
    speechTimeoutMs: speechTimeout(attributes),
    language: attributes.text('language') ?? 'en-US',
    hints: attributes.text('hints'),
    bargeIn: attributes.flag('bargeIn', true),
    actionOnEmptyResult: attributes.flag('actionOnEmptyResult', false),
    prompts,
  } as const;
  attributes.done();
  return verb;
}

const silenceSecondsMax = 600;
const recordingSecondsMax = 14_400;

export function readRecord(element: TwimlElement, reading: TwimlReading): VerbOf<'record'> {
  const { line, column } = element;
  reading.containedIn(element, []);
  const attributes = new TwimlAttributes(element, reading);
  const keys = attributes.matching('finishOnKey', /^[0-9#*]{0,12}$/, 'is any of 0–9, # and *, or empty');
  const verb = {
    verb: 'record',
    line,
    column,
    action: attributes.requestOrDocument('action', 'method'),
    timeoutMs: attributes.seconds('timeout', 0, silenceSecondsMax, 5),
    finishOnKeys: keys ?? '1234567890*#',
    maxLengthMs: attributes.seconds('maxLength', 1, recordingSecondsMax, 3_600),
    playBeep: attributes.flag('playBeep', true),
    trimSilence: attributes.choice('trim', ['trim-silence', 'do-not-trim'], 'trim-silence') === 'trim-silence',
  } as const;
  attributes.done();
  return verb;
}

function readPrompt(element: TwimlElement, reading: TwimlReading) {
  if (element.name === 'Say') return readSay(element, reading);
  return element.name === 'Play' ? readPlay(element, reading) : readPause(element, reading);
}

function speechTimeout(attributes: TwimlAttributes) {
  const expectation = `is auto, or a whole number of seconds from 1 to ${String(speechSecondsMax)}`;
  const value = attributes.matching('speechTimeout', /^(?:auto|[1-9]|[1-5]\d|60)$/, expectation);
  return value === null || value === 'auto' ? null : durationMs(Number(value) * 1_000);
}

function repetitions(attributes: TwimlAttributes): Repetitions {
  const loop = attributes.whole('loop', 0, timesMax, 1);
  return loop === 0 ? 'endless' : loop;
}

/** The text to say; SSML inside it is read as its text. */
function spokenText(element: TwimlElement, reading: TwimlReading): string {
  return element.children
    .map((child) => {
      if (typeof child === 'string') return child;
      reading.warn(child, `<${child.name}> in <Say> has no effect: speech is plain text.`);
      return spokenText(child, reading);
    })
    .join('');
}
