import type { CallSignal } from '@ringfence/domain/calls/call.commands';
import type { OnDigit, PlaybackOutcome } from '@ringfence/domain/calls/call.events';
import type {
  GatherAction,
  PauseAction,
  PlayAction,
  SayAction,
  StreamAction,
} from '@ringfence/domain/flows/flow-action';
import type { ActionEnd } from '@ringfence/domain/flows/flow-machine';
import type { AttemptId } from '@ringfence/domain/shared/values';
import type { AccountId, CallId, LegId, OperationId } from '@ringfence/kernel/ids';
import type { DurationMs } from '@ringfence/kernel/units';

/** An order to dial. Only here, behind the HTTP edge, are numbers in clear, because a carrier has to dial them. */
export type DialOrder = {
  /** The id of the event that ordered the dial; the worker ignores an id that it has seen. */
  readonly attemptId: AttemptId;
  readonly accountId: AccountId;
  readonly callId: CallId;
  readonly legId: LegId;
  readonly from: string;
  readonly to: string;
  readonly trunk: string;
  readonly ringTimeoutMs: DurationMs;
  /** Talk time after which the worker ends the call by itself. */
  readonly authorisedForMs: DurationMs;
};

type ActionOrder = {
  readonly callId: CallId;
  /** Number of the action within its call; the worker ignores one that is not greater than all before. */
  readonly step: number;
};
/** An order to play a file into a live call. URLs are in clear, because a carrier has to fetch them. */
export type PlayOrder = ActionOrder & Pick<PlayAction<string>, 'mediaUrl' | 'timesPlayed'>;
/** An order to speak text into a live call. */
export type SayOrder = ActionOrder & Omit<SayAction<string>, 'kind'>;
/** An order to be silent for a while. */
export type PauseOrder = ActionOrder & Omit<PauseAction, 'kind'>;
/** An order to take digits of the party of a live call. */
export type GatherOrder = ActionOrder & Omit<GatherAction<string>, 'kind' | 'next' | 'requestsWithoutInput'>;

/** An order to stream the audio of a live call, both ways. */
export type StreamOrder = ActionOrder &
  Pick<StreamAction<string>, 'wsUrl' | 'sampleRate' | 'chunkMs' | 'protocol' | 'name' | 'parameters'>;

/** An order to send digits as tones to the party of a leg. */
export type DigitsOrder = {
  /** The worker ignores an operation that it has seen. */
  readonly operationId: OperationId;
  readonly callId: CallId;
  readonly legId: LegId;
  /** 0–9, A–D, * and # */
  readonly digits: string;
  /** Length of each tone. */
  readonly toneMs: DurationMs;
};

/** An order to play a file to the party of a leg, over the action of the flow. */
export type PlaybackOrder = Pick<DigitsOrder, 'operationId' | 'callId' | 'legId'> &
  Pick<PlayOrder, 'mediaUrl'> & {
    readonly timesPlayed: number;
    /** The effect of a digit that the party presses meanwhile. */
    readonly onDigit: OnDigit;
  };

/** A call that comes in and waits for an answer. Numbers are in clear, as a carrier brings them. */
export type IncomingCall = {
  /** Given by the worker, once for each call of the carrier's. */
  readonly attemptId: AttemptId;
  readonly from: string;
  readonly to: string;
};
/** An order to answer an incoming call, which has its ids from here on. */
export type AnswerOrder = Pick<DialOrder, 'attemptId' | 'accountId' | 'callId' | 'legId' | 'authorisedForMs'>;
/** Reasons for the rejection of an incoming call, as the carrier reports them to the caller. */
export type RejectCause = 'unallocated' | 'busy' | 'declined' | 'unavailable';

export type CarrierSignal = {
  readonly attemptId: AttemptId;
  readonly accountId: AccountId;
  readonly callId: CallId;
  readonly signal: CallSignal | ActionSignal | PlaybackSignal;
};
/** The end of an action that was not stopped. */
type ActionSignal = ActionEnd & {
  readonly kind: 'action_ended';
  readonly step: number;
  /** Digits of a gather that completed. They go to the application from memory, and nowhere else. */
  readonly digits?: string;
};

/** The end of a playback that no other replaced. */
type PlaybackSignal = {
  readonly kind: 'playback_ended';
  readonly operationId: OperationId;
  readonly outcome: PlaybackOutcome;
  readonly audioMs: DurationMs;
};

/** Reason why the platform ends a call. */
export type HangUpCause = 'caller_hangup' | 'key_revoked' | 'account_suspended' | 'cancelled' | 'no_answer';

/**
 * Carries calls: a worker in this process, or one behind a socket. A promise settles when the worker has accepted the
 * order; progress of the call is reported by signals, with at most one `ended` per attempt and nothing after it. Orders
 * are idempotent.
 *
 * Every method rejects with Failure `carrier_unavailable` (retryable: whether the worker has the order is unknown). An
 * adapter need not bound the time of an answer: its caller does.
 */
export interface Carrier {
  readonly workerId: string;
  /** Dials; a second order with the same attempt id does nothing, also after the attempt has ended. */
  place(order: DialOrder): Promise<void>;
  /**
   * Answers an incoming call, and signals `answered`; signals `ended` if the caller has gone, or if the worker does not
   * know the call. Does nothing if it was answered before.
   */
  answer(order: AnswerOrder): Promise<void>;
  /** Turns an incoming call away; does nothing if it was answered, has ended or is unknown. */
  reject(attemptId: AttemptId, cause: RejectCause): Promise<void>;
  /**
   * Ends the call, ringing or answered; does nothing if it has ended or is unknown. `caller_hangup` is a hang-up by our
   * side, which of an incoming call is the callee's.
   */
  hangUp(callId: CallId, cause: HangUpCause): Promise<void>;
  /** Sets the total of talk time; never shortens it. */
  extend(callId: CallId, authorisedForMs: DurationMs): Promise<void>;
  /** Plays a file into an answered call; does nothing if the call is not answered or the order was given before. */
  play(order: PlayOrder): Promise<void>;
  /** Speaks text; does nothing as `play` does. */
  say(order: SayOrder): Promise<void>;
  /** Plays silence; does nothing as `play` does. */
  pause(order: PauseOrder): Promise<void>;
  /**
   * Takes digits: ends `completed` with them, or as `no_input` when nothing was pressed in time. Does nothing as `play`
   * does.
   */
  gather(order: GatherOrder): Promise<void>;
  /** Streams the audio of an answered call; does nothing as `play` does. */
  stream(order: StreamOrder): Promise<void>;
  /** Ends an action without a signal; does nothing if it is over or unknown. */
  stop(callId: CallId, step: number): Promise<void>;
  /** Mutes the party of a leg of an answered call, or ends that. */
  mute(callId: CallId, legId: LegId, muted: boolean): Promise<void>;
  /** Sends digits on an answered call; does nothing as `play` does. */
  sendDigits(order: DigitsOrder): Promise<void>;
  /** Begins a playback on an answered call, and ends the one before without a signal; does nothing as `play` does. */
  startPlayback(order: PlaybackOrder): Promise<void>;
  /** Returns those of these attempts that are alive at this worker. */
  knows(attemptIds: readonly AttemptId[]): Promise<ReadonlySet<AttemptId>>;
  /**
   * Registers the only listener for incoming calls, each of which is signalled once. One that is not answered ends by
   * itself within a minute, without a signal.
   */
  onIncoming(listener: (call: IncomingCall) => void): void;
  /** Registers the only listener. Its promise is not awaited, so it must not reject. */
  onSignal(listener: (signal: CarrierSignal) => void): void;
  close(): Promise<void>;
}
