import type { DurationMs } from '@ringfence/kernel/units';
import type { Place } from './twiml-fault.js';

/** A document whose verbs run in order; `Place` is where each begins. */
export type TwimlProgram = readonly TwimlVerb[];
export type TwimlVerb = Place &
  (Connect | Dial | Say | Play | SendDigits | Gather | Pause | Redirect | Record | Hangup | Reject);

/** A request of the platform; the URL is absolute. */
export type TwimlRequest = { readonly url: string; readonly method: 'GET' | 'POST' };
/** A request; `url` null: of the document itself, again. */
export type RequestOrDocument = { readonly url: string | null; readonly method: 'GET' | 'POST' };
/** A value that a stream or a relay passes on to the application. */
type Parameter = { readonly name: string; readonly value: string };

/** Audio over a WebSocket until one side ends it. With `action` its answer follows; else the next verb. */
type Connect = {
  readonly verb: 'connect';
  readonly to: StreamNoun | RelayNoun;
  readonly action: TwimlRequest | null;
};
type StreamNoun = {
  readonly noun: 'stream';
  readonly url: string;
  readonly name: string | null;
  readonly statusCallback: TwimlRequest | null;
  readonly parameters: readonly Parameter[];
};
/** A relay of recognised and spoken text. `settings` have the names that `relaySettings` lists. */
type RelayNoun = {
  readonly noun: 'conversation-relay';
  readonly url: string;
  readonly settings: ReadonlyMap<string, string>;
  readonly languages: readonly { readonly code: string; readonly settings: ReadonlyMap<string, string> }[];
  readonly parameters: readonly Parameter[];
};

type Dial = {
  readonly verb: 'dial';
  readonly to: DialNouns;
  readonly ringTimeoutMs: DurationMs;
  /** The longest talk time of the dialled leg. */
  readonly timeLimitMs: DurationMs;
  /** E.164; null: the caller number of the call. */
  readonly callerId: string | null;
  readonly answerOnBridge: boolean;
  readonly hangupOnStar: boolean;
  readonly record: (typeof dialRecords)[number];
  /** null: the next verb runs after the dialled call. */
  readonly action: TwimlRequest | null;
};
export const dialRecords = [
  'do-not-record',
  'record-from-answer',
  'record-from-ringing',
  'record-from-answer-dual',
  'record-from-ringing-dual',
] as const;
type DialNouns =
  /** The first that answers is bridged; `sequential`: tried one after the other, else all at once. */
  | { readonly kind: 'parties'; readonly parties: readonly DialledParty[]; readonly sequential: boolean }
  | ({ readonly kind: 'conference' } & ConferenceNoun);
export type DialledParty = {
  readonly target:
    | { readonly kind: 'number'; readonly number: string; readonly sendDigits: string | null }
    | {
        readonly kind: 'sip';
        readonly uri: string;
        readonly credential: { readonly username: string; readonly password: string } | null;
      };
  /** TwiML that the called party hears before the bridge. */
  readonly screen: TwimlRequest | null;
  readonly statusCallback: StatusCallback | null;
};
export const callProgressEvents = ['initiated', 'ringing', 'answered', 'completed'] as const;
export const conferenceEvents = [
  'start',
  'end',
  'join',
  'leave',
  'mute',
  'hold',
  'modify',
  'speaker',
  'announcement',
] as const;
export type StatusCallback = TwimlRequest & { readonly events: readonly string[] };
export type ConferenceNoun = {
  readonly name: string;
  readonly muted: boolean;
  readonly beep: (typeof conferenceBeeps)[number];
  readonly startConferenceOnEnter: boolean;
  readonly endConferenceOnExit: boolean;
  readonly participantsMax: number;
  readonly record: boolean;
  readonly participantLabel: string | null;
  readonly wait: TwimlRequest | null;
  readonly statusCallback: StatusCallback | null;
};
export const conferenceBeeps = ['true', 'false', 'onEnter', 'onExit'] as const;

type Say = {
  readonly verb: 'say';
  readonly text: string;
  readonly voice: string | null;
  readonly language: string | null;
  readonly times: Repetitions;
};
type Play = { readonly verb: 'play'; readonly url: string; readonly times: Repetitions };
/** DTMF: 0–9, A–D, # and *; w is half a second of silence, W a whole one. */
type SendDigits = { readonly verb: 'send-digits'; readonly digits: string };
/** Number of times; `endless`: until something else ends it. */
export type Repetitions = number | 'endless';

type Gather = {
  readonly verb: 'gather';
  readonly input: { readonly dtmf: boolean; readonly speech: boolean };
  readonly action: RequestOrDocument;
  readonly timeoutMs: DurationMs;
  /** null: as many as come. */
  readonly digitsMax: number | null;
  /** One of 0–9, # and *; null: no key ends the input. */
  readonly finishOnKey: string | null;
  /** Silence that ends speech; null: as the recogniser finds. */
  readonly speechTimeoutMs: DurationMs | null;
  readonly language: string;
  readonly hints: string | null;
  readonly bargeIn: boolean;
  readonly actionOnEmptyResult: boolean;
  readonly prompts: readonly (Place & (Say | Play | Pause | SendDigits))[];
};
type Pause = { readonly verb: 'pause'; readonly lengthMs: DurationMs };
/** Replaces the document. */
type Redirect = { readonly verb: 'redirect' } & TwimlRequest;
type Record = {
  readonly verb: 'record';
  readonly action: RequestOrDocument;
  readonly timeoutMs: DurationMs;
  readonly finishOnKeys: string;
  readonly maxLengthMs: DurationMs;
  readonly playBeep: boolean;
  readonly trimSilence: boolean;
};
type Hangup = { readonly verb: 'hangup' };
/** Declines an inbound call that has not been answered. */
type Reject = { readonly verb: 'reject'; readonly reason: 'rejected' | 'busy' };
