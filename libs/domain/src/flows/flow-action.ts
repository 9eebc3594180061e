import type { DurationMs } from '@ringfence/kernel/units';

/**
 * An action that a call flow has the platform carry out on a call. `Text` is the form of URLs, numbers and headers:
 * in clear where a reply is read, sealed everywhere behind.
 */
export type FlowAction<Text> =
  | StreamAction<Text>
  | PlayAction<Text>
  | SayAction<Text>
  | PauseAction
  | GatherAction<Text>
  | DialAction<Text>
  | RedirectAction<Text>
  | RejectAction
  | HangUpAction;

/** Actions that follow one another: what one reply, or one document, has the platform do. */
export type FlowProgram<Text> = readonly [FlowAction<Text>, ...FlowAction<Text>[]];

/** The most actions of one program. */
export const flowActionsMax = 100;
/** The largest program, sealed, as JSON: an event has it whole. */
export const flowProgramCharactersMax = 20_000;

export const flowMethods = ['POST', 'GET'] as const;
/** A request for what a flow does next. */
export type FlowRequest<Text> = { readonly url: Text; readonly method: (typeof flowMethods)[number] };

/** Rates at which audio is streamed, in the words of the Teler API. */
export const sampleRates = ['8k', '16k'] as const;

/** Two-way audio over a WebSocket, until the application or the call ends it. */
export type StreamAction<Text> = {
  readonly kind: 'stream';
  readonly wsUrl: Text;
  readonly sampleRate: (typeof sampleRates)[number];
  /** Length of one piece of audio. */
  readonly chunkMs: DurationMs;
  readonly record: boolean;
  /** The messages on the socket. */
  readonly protocol: (typeof streamProtocols)[number];
  /** The name that the application gave the stream; null: none. */
  readonly name: Text | null;
  /** Values that the first message passes on to the application. */
  readonly parameters: readonly { readonly name: Text; readonly value: Text }[];
  /** The request made after the stream; null: the next action of the program follows. */
  readonly next: FlowRequest<Text> | null;
};

export const streamProtocols = ['teler', 'twilio'] as const;

/** Number of times, one after the other, at least 1; null: until something else ends it. */
type Repetitions = number | null;

/** One audio file. */
export type PlayAction<Text> = {
  readonly kind: 'play';
  readonly mediaUrl: Text;
  readonly timesPlayed: Repetitions;
  /** The request made after the file; null: the next action of the program follows. */
  readonly next: FlowRequest<Text> | null;
};

/** Text that is spoken. */
export type SayAction<Text> = {
  readonly kind: 'say';
  readonly text: Text;
  /** Name of the voice, as the application has it; null: the voice of the language. */
  readonly voice: Text | null;
  /** BCP 47, as the application has it; null: `en-US`. */
  readonly language: Text | null;
  readonly timesSpoken: Repetitions;
};

/** Silence. */
export type PauseAction = { readonly kind: 'pause'; readonly lengthMs: DurationMs };

/** Digits that the party presses. They are in no event, and reach the application in the next request. */
export type GatherAction<Text> = {
  readonly kind: 'gather';
  /** Heard before and, if `bargeIn`, until the first digit. */
  readonly prompts: readonly Prompt<Text>[];
  /** Time without a digit, from the end of the prompts or the last digit, after which the action ends. */
  readonly timeoutMs: DurationMs;
  /** null: as many as come. */
  readonly digitsMax: number | null;
  /** One of 0–9, # and *, which ends the input and is none of it; null: no key does. */
  readonly finishOnKey: (typeof finishKeys)[number] | null;
  readonly bargeIn: boolean;
  /** The request made with the digits. */
  readonly next: FlowRequest<Text>;
  /** true: `next` is requested also if nothing was pressed; false: the next action of the program follows then. */
  readonly requestsWithoutInput: boolean;
};
export type Prompt<Text> = Omit<PlayAction<Text>, 'next'> | SayAction<Text> | PauseAction;
export const finishKeys = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '#', '*'] as const;

/** The request of another program in place of the rest of this one. */
type RedirectAction<Text> = { readonly kind: 'redirect'; readonly to: FlowRequest<Text> };

export const rejectReasons = ['rejected', 'busy'] as const;
/** Declines an inbound call that has not been answered. */
type RejectAction = { readonly kind: 'reject'; readonly reason: (typeof rejectReasons)[number] };

type HangUpAction = { readonly kind: 'hangup' };

/** Ways to record a call with two parties. */
export const dialRecordings = ['none', 'default', 'stereo', 'mono', 'per_leg'] as const;
/** Sound that the caller hears before the answer: the ringing of the far end, or nothing. */
export const ringbacks = ['passthrough', 'suppress'] as const;

/** A second leg, bridged with the call when it is answered. */
export type DialAction<Text> = {
  readonly kind: 'dial';
  /** E.164, or a SIP URI. */
  readonly to: Text;
  readonly ringTimeoutMs: DurationMs;
  readonly record: (typeof dialRecordings)[number];
  readonly customHeaders: readonly { readonly name: Text; readonly value: Text }[];
  readonly statusCallbackUrl: Text | null;
  readonly ringback: (typeof ringbacks)[number];
  /** Heard by the caller until the answer. */
  readonly dialMusic: NestedAction<Text> | null;
  /** Heard by the called party before the two are bridged. */
  readonly confirmSound: NestedAction<Text> | null;
  readonly onNoAnswer: NestedAction<Text> | null;
  readonly onBusy: NestedAction<Text> | null;
  readonly onFailure: NestedAction<Text> | null;
};

/** An action within another one; it ends the flow. */
export type NestedAction<Text> = PlayAction<Text> | HangUpAction;

/**
 * Ends of an action. `stopped`: by the platform, because the flow went on with something else; `no_input`: nothing was
 * pressed.
 */
export const actionOutcomes = ['completed', 'failed', 'stopped', 'no_answer', 'busy', 'no_input'] as const;
export type ActionOutcome = (typeof actionOutcomes)[number];

/** The action with each text in another form; `convert` is called once for each, always in the same order. */
export function withTexts<From, To>(action: FlowAction<From>, convert: (text: From) => To): FlowAction<To> {
  switch (action.kind) {
    case 'hangup':
    case 'pause':
    case 'reject':
      return action;
    case 'stream':
      return {
        ...action,
        wsUrl: convert(action.wsUrl),
        name: orNull(action.name, convert),
        parameters: action.parameters.map(({ name, value }) => ({ name: convert(name), value: convert(value) })),
        next: orNull(action.next, (next) => requestWithTexts(next, convert)),
      };
    case 'play':
      return playWithTexts(action, convert);
    case 'say':
      return sayWithTexts(action, convert);
    case 'gather':
      return {
        ...action,
        prompts: action.prompts.map((prompt) => promptWithTexts(prompt, convert)),
        next: requestWithTexts(action.next, convert),
      };
    case 'redirect':
      return { ...action, to: requestWithTexts(action.to, convert) };
    case 'dial':
      return dialWithTexts(action, convert);
  }
}

/** The program with each text in another form, as `withTexts` has it. */
export function programWithTexts<From, To>(
  [first, ...rest]: FlowProgram<From>,
  convert: (text: From) => To,
): FlowProgram<To> {
  const converted = withTexts(first, convert);
  return [converted, ...rest.map((action) => withTexts(action, convert))];
}

function dialWithTexts<From, To>(action: DialAction<From>, convert: (text: From) => To): DialAction<To> {
  const nested = (each: NestedAction<From> | null) =>
    each === null || each.kind === 'hangup' ? each : playWithTexts(each, convert);
  return {
    ...action,
    to: convert(action.to),
    customHeaders: action.customHeaders.map(({ name, value }) => ({ name: convert(name), value: convert(value) })),
    statusCallbackUrl: orNull(action.statusCallbackUrl, convert),
    dialMusic: nested(action.dialMusic),
    confirmSound: nested(action.confirmSound),
    onNoAnswer: nested(action.onNoAnswer),
    onBusy: nested(action.onBusy),
    onFailure: nested(action.onFailure),
  };
}

function playWithTexts<From, To>(action: PlayAction<From>, convert: (text: From) => To): PlayAction<To> {
  const { kind, timesPlayed, mediaUrl, next } = action;
  return {
    kind,
    timesPlayed,
    mediaUrl: convert(mediaUrl),
    next: orNull(next, (request) => requestWithTexts(request, convert)),
  };
}

function sayWithTexts<From, To>(action: SayAction<From>, convert: (text: From) => To): SayAction<To> {
  const { text, voice, language } = action;
  return { ...action, text: convert(text), voice: orNull(voice, convert), language: orNull(language, convert) };
}

function promptWithTexts<From, To>(prompt: Prompt<From>, convert: (text: From) => To): Prompt<To> {
  switch (prompt.kind) {
    case 'play':
      return { ...prompt, mediaUrl: convert(prompt.mediaUrl) };
    case 'say':
      return sayWithTexts(prompt, convert);
    case 'pause':
      return prompt;
  }
}

function requestWithTexts<From, To>({ url, method }: FlowRequest<From>, convert: (text: From) => To): FlowRequest<To> {
  return { url: convert(url), method };
}

function orNull<From, To>(value: From | null, convert: (value: From) => To): To | null {
  return value === null ? null : convert(value);
}
