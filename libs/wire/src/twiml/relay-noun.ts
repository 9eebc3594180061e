import { readParameters, readSocketUrl } from './socket-noun.js';
import { TwimlAttributes } from './twiml-attributes.js';
import type { TwimlElement } from './twiml-document.js';
import type { TwimlVerb } from './twiml-program.js';
import type { TwimlReading } from './twiml-reading.js';

type Relay = Extract<Extract<TwimlVerb, { readonly verb: 'connect' }>['to'], { readonly noun: 'conversation-relay' }>;

/** A value of a setting: any text, or one of these. */
type Values = 'text' | readonly string[];

const flag = ['true', 'false'];
/** Interruptions; `true` is `any` and `false` is `none`, as the attribute once was a flag. */
const interruptions = ['none', 'dtmf', 'speech', 'any', 'true', 'false'];

/** The settings of `<ConversationRelay>` besides `url`, as the stock packages write them. */
const relaySettings: Readonly<Record<string, Values>> = {
  language: 'text',
  ttsLanguage: 'text',
  ttsProvider: 'text',
  voice: 'text',
  transcriptionLanguage: 'text',
  transcriptionProvider: 'text',
  speechModel: 'text',
  hints: 'text',
  welcomeGreeting: 'text',
  welcomeGreetingInterruptible: interruptions,
  interruptible: interruptions,
  interruptSensitivity: ['low', 'medium', 'high'],
  preemptible: flag,
  dtmfDetection: flag,
  reportInputDuringAgentSpeech: interruptions,
  partialPrompts: flag,
  partialPromptOnHangup: flag,
  profanityFilter: flag,
  debug: 'text',
  events: 'text',
  intelligenceService: 'text',
  conversationConfiguration: 'text',
  conversationId: 'text',
  customerName: 'text',
  applicationReconnect: flag,
  echoPromptFiltering: flag,
  turnDetection: flag,
  eagerEotThreshold: 'text',
  includeInPrompt: 'text',
  asrSmartFormat: flag,
  ttsTextNormalization: ['auto', 'on', 'off'],
  ttsLanguageTextNormalization: 'text',
  elevenlabsTextNormalization: ['auto', 'on', 'off'],
  elevenlabsLanguageTextNormalization: 'text',
  backgroundNoiseReduction: flag,
  deepgramSmartFormat: flag,
  ignoreBackchannel: flag,
  speechTimeout: 'text',
};
/** Settings that one of the stock packages writes in lower case. */
const lowerCased = ['backgroundNoiseReduction', 'deepgramSmartFormat', 'ignoreBackchannel', 'speechTimeout'];
const languageSettings: Readonly<Record<string, Values>> = {
  ttsProvider: 'text',
  voice: 'text',
  transcriptionProvider: 'text',
  speechModel: 'text',
  hints: 'text',
};

const settingCharactersMax = 4_096;
const languagesMax = 50;

export function readRelay(noun: TwimlElement, reading: TwimlReading): Relay {
  const elements = reading.containedIn(noun, ['Language', 'Parameter']);
  const named = (name: string) => elements.filter((element) => element.name === name);
  const attributes = new TwimlAttributes(noun, reading);
  const url = readSocketUrl(noun, attributes, reading);
  const settings = readSettings(noun, attributes, relaySettings, reading);
  attributes.done();
  if (named('Language').length > languagesMax)
    reading.fault(noun, `<ConversationRelay> has more than ${String(languagesMax)} of <Language>.`);
  const languages = named('Language').map((element) => readLanguage(element, reading));
  const parameters = readParameters(noun, named('Parameter'), reading);
  return { noun: 'conversation-relay', url, settings, languages, parameters };
}

function readLanguage(element: TwimlElement, reading: TwimlReading): Relay['languages'][number] {
  reading.containedIn(element, []);
  const attributes = new TwimlAttributes(element, reading);
  const code = attributes.required('code');
  const settings = readSettings(element, attributes, languageSettings, reading);
  attributes.done();
  return { code, settings };
}

function readSettings(
  element: TwimlElement,
  attributes: TwimlAttributes,
  known: Readonly<Record<string, Values>>,
  reading: TwimlReading,
): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const [name, values] of Object.entries(known)) {
    const value = attributes.text(name) ?? (lowerCased.includes(name) ? attributes.text(name.toLowerCase()) : null);
    if (value === null) continue;
    if (values === 'text' ? value.length > settingCharactersMax : !values.includes(value)) {
      const right =
        values === 'text' ? `text of at most ${String(settingCharactersMax)} characters` : values.join(', ');
      reading.fault(element, `${name} of <${element.name}> is ${values === 'text' ? right : `one of ${right}`}.`);
    }
    settings.set(name, value);
  }
  return settings;
}
