import type { CallSignal } from '@ringfence/domain/calls/call.commands';
import type { AttemptId } from '@ringfence/domain/shared/values';
import type { CallId, LegId } from '@ringfence/kernel/ids';
import type { Timers } from '@ringfence/kernel/timers';
import { durationMs, type DurationMs } from '@ringfence/kernel/units';
import type { RingOrder, SimulatedCallers } from '@ringfence/ports/carrier/simulated-callers';
import type {
  AnswerOrder,
  Carrier,
  CarrierSignal,
  DialOrder,
  DigitsOrder,
  GatherOrder,
  HangUpCause,
  IncomingCall,
  PauseOrder,
  PlaybackOrder,
  PlayOrder,
  SayOrder,
  StreamOrder,
} from '@ringfence/ports/carrier/carrier';
import { audioOfFile, audioOfPlayback, audioOfSpeech, audioOfStream } from './sandbox-audio.js';
import { gatherWith } from './sandbox-keys.js';
import { asYetUntouched, type SandboxCall } from './sandbox-call.js';
import { SimulatedTime } from './simulated-time.js';
import { keysOf, type Timeline, timelineOf } from './sandbox-numbers.js';
import { WaitingCallers } from './waiting-callers.js';

/** The most live calls; an order beyond it fails as at a carrier without a free line. */
const liveCallsMax = 100_000;
/**
 * The most ended attempts that are remembered, so that a late order for one does nothing; beyond it the oldest are
 * dropped.
 */
const endedAttemptsMax = 100_000;

type SandboxCarrierOptions = {
  readonly workerId: string;
  readonly timers: Timers;
  /** Factor by which simulated time is faster than real time; ≥ 1. Reported durations are simulated ones. */
  readonly speed: number;
  /** Called for each attempt as it is dialled, once per attempt. Must not throw. */
  readonly onDial?: (attemptId: AttemptId) => void;
  /** Called for each order of digits as they are sent, once. Must not throw. */
  readonly onDigits?: (order: DigitsOrder) => void;
};

const ignored = (): void => undefined;

type Ended = Omit<Extract<CallSignal, { kind: 'ended' }>, 'kind' | 'talkTimeMs'>;
type Step = { readonly atMs: number; readonly take: (call: SandboxCall) => void };

/**
 * Simulates calls by the number dialled, on its own clock: the same number always behaves in the same way. Nothing real
 * is reached.
 */
export class SandboxCarrier implements Carrier, SimulatedCallers {
  readonly workerId: string;
  readonly #time: SimulatedTime;
  readonly #callers: WaitingCallers;
  readonly #live = new Map<CallId, SandboxCall>();
  readonly #attempts = new Map<AttemptId, CallId>();
  /** A Set keeps insertion order: the first is the oldest. */
  readonly #endedAttempts = new Set<AttemptId>();
  #listener: (signal: CarrierSignal) => void = () => undefined;
  #onIncoming: (call: IncomingCall) => void = () => undefined;
  #closed = false;

  readonly #onDial: (attemptId: AttemptId) => void;
  readonly #onDigits: (order: DigitsOrder) => void;

  constructor({ workerId, timers, speed, onDial = ignored, onDigits = ignored }: SandboxCarrierOptions) {
    this.workerId = workerId;
    this.#onDial = onDial;
    this.#onDigits = onDigits;
    this.#time = new SimulatedTime(timers, speed);
    this.#callers = new WaitingCallers(this.#time);
  }

  get liveCalls(): number {
    return this.#live.size;
  }

  place(order: DialOrder): Promise<void> {
    this.#place(order);
    return Promise.resolve();
  }

  ring(order: RingOrder): Promise<void> {
    const { attemptId, from, to } = order;
    if (!this.#closed && this.#callers.ring(order)) this.#onIncoming({ attemptId, from, to });
    return Promise.resolve();
  }

  answer(order: AnswerOrder): Promise<void> {
    if (!this.#attempts.has(order.attemptId) && !this.#endedAttempts.has(order.attemptId)) this.#answer(order);
    return Promise.resolve();
  }

  reject(attemptId: AttemptId): Promise<void> {
    this.#callers.take(attemptId);
    return Promise.resolve();
  }

  hangUp(callId: CallId, cause: HangUpCause): Promise<void> {
    const call = this.#live.get(callId);
    if (call !== undefined) this.#end(call, hungUp(cause, call.isInbound), this.#time.nowMs());
    return Promise.resolve();
  }

  extend(callId: CallId, authorisedForMs: DurationMs): Promise<void> {
    const call = this.#live.get(callId);
    if (call !== undefined && authorisedForMs > call.authorisedForMs) {
      call.authorisedForMs = authorisedForMs;
      this.#plan(call);
    }
    return Promise.resolve();
  }

  play({ callId, step, mediaUrl, timesPlayed }: PlayOrder): Promise<void> {
    this.#begin(callId, step, audioOfFile(mediaUrl, timesPlayed));
    return Promise.resolve();
  }

  say({ callId, step, text, timesSpoken }: SayOrder): Promise<void> {
    this.#begin(callId, step, audioOfSpeech(text, timesSpoken));
    return Promise.resolve();
  }

  pause({ callId, step, lengthMs }: PauseOrder): Promise<void> {
    this.#begin(callId, step, { lastsMs: lengthMs, outcome: 'completed' });
    return Promise.resolve();
  }

  gather(order: GatherOrder): Promise<void> {
    const { callId, step } = order;
    const keys = keysOf(this.#live.get(callId)?.farEnd ?? '');
    this.#begin(callId, step, gatherWith(keys, order));
    return Promise.resolve();
  }

  stream({ callId, step, wsUrl }: StreamOrder): Promise<void> {
    this.#begin(callId, step, audioOfStream(wsUrl));
    return Promise.resolve();
  }

  stop(callId: CallId, step: number): Promise<void> {
    const call = this.#live.get(callId);
    if (call?.actionStep === step) call.cancelAction();
    return Promise.resolve();
  }

  mute(callId: CallId, legId: LegId, muted: boolean): Promise<void> {
    const call = this.#live.get(callId);
    if (call?.progress === 'answered' && legId === call.order.legId)
      if (muted) call.muted.add(legId);
      else call.muted.delete(legId);
    return Promise.resolve();
  }

  sendDigits(order: DigitsOrder): Promise<void> {
    if (this.#begins(order) !== undefined) this.#onDigits(order);
    return Promise.resolve();
  }

  startPlayback(order: PlaybackOrder): Promise<void> {
    const call = this.#begins(order);
    if (call === undefined) return Promise.resolve();
    const { operationId, mediaUrl, timesPlayed, onDigit } = order;
    const { lastsMs, outcome } = audioOfPlayback(mediaUrl, timesPlayed, onDigit);
    call.cancelPlayback();
    call.cancelPlayback = this.#time.at(this.#time.nowMs() + lastsMs, () => {
      this.#emit(call, { kind: 'playback_ended', operationId, outcome, audioMs: durationMs(lastsMs) });
    });
    return Promise.resolve();
  }

  /** Legs whose party is not heard. */
  mutedLegs(callId: CallId): ReadonlySet<LegId> {
    return new Set(this.#live.get(callId)?.muted);
  }

  knows(attemptIds: readonly AttemptId[]): Promise<ReadonlySet<AttemptId>> {
    return Promise.resolve(new Set(attemptIds.filter((attemptId) => this.#attempts.has(attemptId))));
  }

  onIncoming(listener: (call: IncomingCall) => void): void {
    this.#onIncoming = listener;
  }

  onSignal(listener: (signal: CarrierSignal) => void): void {
    this.#listener = listener;
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#callers.clear();
    this.#time.stop();
    this.#live.clear();
    this.#attempts.clear();
    return Promise.resolve();
  }

  #place(order: DialOrder): void {
    if (this.#closed || this.#attempts.has(order.attemptId) || this.#endedAttempts.has(order.attemptId)) return;
    const full = this.#live.size >= liveCallsMax;
    const call: SandboxCall = {
      order,
      isInbound: false,
      farEnd: order.to,
      timeline: full ? { kind: 'fails', afterMs: 0, cause: 'carrier_failure' } : timelineOf(order.to),
      dialledAtMs: this.#time.wholeMs(),
      progress: 'dialled',
      answeredAtMs: 0,
      authorisedForMs: order.authorisedForMs,
      ...asYetUntouched(),
    };
    this.#live.set(order.callId, call);
    this.#attempts.set(order.attemptId, order.callId);
    this.#onDial(order.attemptId);
    this.#plan(call);
  }

  #answer(order: AnswerOrder): void {
    if (this.#closed) return;
    const caller = this.#callers.take(order.attemptId);
    const nowMs = this.#time.wholeMs();
    const call: SandboxCall = {
      order: { ...order, ringTimeoutMs: durationMs(0) },
      isInbound: true,
      farEnd: caller?.from ?? '',
      timeline: answeredBy(caller?.hangsUpAfterMs ?? 0),
      dialledAtMs: nowMs,
      progress: caller === undefined ? 'ringing' : 'answered',
      answeredAtMs: nowMs,
      authorisedForMs: order.authorisedForMs,
      ...asYetUntouched(),
    };
    if (caller === undefined) {
      const cause = this.#callers.hasGone(order.attemptId) ? 'caller_hangup' : 'carrier_unknown';
      this.#end(call, { cause, endedBy: cause === 'caller_hangup' ? 'caller' : 'platform' }, nowMs);
      return;
    }
    this.#live.set(order.callId, call);
    this.#attempts.set(order.attemptId, order.callId);
    this.#emit(call, { kind: 'answered' });
    this.#plan(call);
  }

  /** Begins an action, which ends the one before it. */
  #begin(callId: CallId, step: number, audio: ReturnType<typeof audioOfStream | typeof gatherWith>): void {
    const call = this.#live.get(callId);
    if (call?.progress !== 'answered' || step <= call.actionStep) return;
    call.cancelAction();
    call.actionStep = step;
    if (audio === null) return;
    const { lastsMs, ...end } = audio;
    call.cancelAction = this.#time.at(this.#time.nowMs() + lastsMs, () => {
      this.#emit(call, { kind: 'action_ended', step, ...end, audioMs: durationMs(lastsMs) });
    });
  }

  /** The answered call of an operation that was not carried out before. */
  #begins({
    callId,
    legId,
    operationId,
  }: Pick<DigitsOrder, 'callId' | 'legId' | 'operationId'>): SandboxCall | undefined {
    const call = this.#live.get(callId);
    if (call?.progress !== 'answered' || legId !== call.order.legId || call.operations.has(operationId))
      return undefined;
    call.operations.add(operationId);
    return call;
  }

  #plan(call: SandboxCall): void {
    call.cancelStep();
    const { atMs, take } = this.#nextStep(call);
    call.cancelStep = this.#time.at(atMs, () => {
      take(call);
    });
  }

  /**
   * Returns the next step of a call if it is not hung up before. A step carries the moment that it was planned for, not
   * the one at which a busy timer ran it.
   */
  #nextStep(call: SandboxCall): Step {
    const { timeline, dialledAtMs, order } = call;
    if (call.progress === 'answered') return this.#endOfTalk(call);
    if (timeline.kind === 'fails')
      return this.#endStep(dialledAtMs + timeline.afterMs, { cause: timeline.cause, endedBy: 'callee' });
    if (call.progress === 'dialled')
      return {
        atMs: dialledAtMs + timeline.ringingAfterMs,
        take: () => {
          call.progress = 'ringing';
          this.#emit(call, { kind: 'ringing' });
          this.#plan(call);
        },
      };
    const ringsUntilMs = dialledAtMs + order.ringTimeoutMs;
    const { then } = timeline;
    if (then === null || dialledAtMs + then.afterMs > ringsUntilMs)
      return this.#endStep(ringsUntilMs, { cause: 'no_answer', endedBy: 'platform' });
    const atMs = dialledAtMs + then.afterMs;
    if (then.kind === 'gives_up') return this.#endStep(atMs, { cause: then.cause, endedBy: 'callee' });
    return {
      atMs,
      take: () => {
        call.progress = 'answered';
        call.answeredAtMs = atMs;
        this.#emit(call, { kind: 'answered' });
        this.#plan(call);
      },
    };
  }

  #endOfTalk({ isInbound, timeline, answeredAtMs, authorisedForMs }: SandboxCall): Step {
    const talksForMs =
      timeline.kind === 'rings' && timeline.then?.kind === 'answers' ? timeline.then.calleeTalksForMs : null;
    if (talksForMs !== null && talksForMs <= authorisedForMs)
      return this.#endStep(
        answeredAtMs + talksForMs,
        isInbound ? { cause: 'caller_hangup', endedBy: 'caller' } : { cause: 'callee_hangup', endedBy: 'callee' },
      );
    return this.#endStep(answeredAtMs + authorisedForMs, { cause: 'authorised_time_ended', endedBy: 'platform' });
  }

  #endStep(atMs: number, ended: Ended): Step {
    return {
      atMs,
      take: (call) => {
        this.#end(call, ended, atMs);
      },
    };
  }

  #end(call: SandboxCall, { cause, endedBy }: Ended, atMs: number): void {
    call.cancelStep();
    call.cancelAction();
    call.cancelPlayback();
    const { callId, attemptId } = call.order;
    this.#live.delete(callId);
    this.#attempts.delete(attemptId);
    this.#endedAttempts.add(attemptId);
    if (this.#endedAttempts.size > endedAttemptsMax)
      for (const oldest of this.#endedAttempts) {
        this.#endedAttempts.delete(oldest);
        break;
      }
    const talkedMs = call.progress === 'answered' ? Math.max(0, atMs - call.answeredAtMs) : 0;
    const talkTimeMs = durationMs(Math.min(Math.floor(talkedMs), call.authorisedForMs));
    this.#emit(call, { kind: 'ended', cause, endedBy, talkTimeMs });
  }

  #emit({ order: { attemptId, accountId, callId } }: SandboxCall, signal: CarrierSignal['signal']): void {
    if (!this.#closed) this.#listener({ attemptId, accountId, callId, signal });
  }
}

/** The end of a call that the platform hangs up: `caller_hangup` is a hang-up by our side, whichever that is. */
function hungUp(cause: HangUpCause, isInbound: boolean): Ended {
  if (cause !== 'caller_hangup') return { cause, endedBy: 'platform' };
  return isInbound ? { cause: 'callee_hangup', endedBy: 'callee' } : { cause, endedBy: 'caller' };
}

function answeredBy(talksForMs: number): Timeline {
  return { kind: 'rings', ringingAfterMs: 0, then: { kind: 'answers', afterMs: 0, calleeTalksForMs: talksForMs } };
}
