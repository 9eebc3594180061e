import type { DurationMs } from '@ringfence/kernel/units';

/**
 * An action that a call flow has the platform carry out on a call. `Text` is the form of URLs, numbers and headers:
 * in clear where a reply is read, sealed everywhere behind.
 */
export type FlowAction<Text> = StreamAction<Text> | PlayAction<Text> | DialAction<Text> | HangUpAction;

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
};

/** One audio file. */
export type PlayAction<Text> = {
  readonly kind: 'play';
  readonly mediaUrl: Text;
  /** Number of times that the file is played, one after the other; at least 1. */
  readonly timesPlayed: number;
  /** URL of the next request, made after the file; null: the flow ends with the file. */
  readonly nextFlowUrl: Text | null;
};

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

/** Ends of an action. `stopped`: by the platform, because the flow went on with something else. */
export const actionOutcomes = ['completed', 'failed', 'stopped', 'no_answer', 'busy'] as const;
export type ActionOutcome = (typeof actionOutcomes)[number];

/** The action with each text in another form; `convert` is called once for each, always in the same order. */
export function withTexts<From, To>(action: FlowAction<From>, convert: (text: From) => To): FlowAction<To> {
  switch (action.kind) {
    case 'hangup':
      return action;
    case 'stream':
      return { ...action, wsUrl: convert(action.wsUrl) };
    case 'play':
      return playWithTexts(action, convert);
    case 'dial': {
      const nested = (each: NestedAction<From> | null) =>
        each === null || each.kind === 'hangup' ? each : playWithTexts(each, convert);
      return {
        ...action,
        to: convert(action.to),
        customHeaders: action.customHeaders.map(({ name, value }) => ({ name: convert(name), value: convert(value) })),
        statusCallbackUrl: action.statusCallbackUrl === null ? null : convert(action.statusCallbackUrl),
        dialMusic: nested(action.dialMusic),
        confirmSound: nested(action.confirmSound),
        onNoAnswer: nested(action.onNoAnswer),
        onBusy: nested(action.onBusy),
        onFailure: nested(action.onFailure),
      };
    }
  }
}

function playWithTexts<From, To>(action: PlayAction<From>, convert: (text: From) => To): PlayAction<To> {
  const { kind, timesPlayed, mediaUrl, nextFlowUrl } = action;
  return {
    kind,
    timesPlayed,
    mediaUrl: convert(mediaUrl),
    nextFlowUrl: nextFlowUrl === null ? null : convert(nextFlowUrl),
  };
}
