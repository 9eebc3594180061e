import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { CallActionEnded, CallActionStarted, CallFlowReplied } from '@ringfence/domain/calls/call-flow.events';
import type {
  CallDigitsRequested,
  CallExtended,
  CallHangUpRequested,
  CallMuteRequested,
  CallPlaced,
  CallPlaybackRequested,
  CallReceived,
  HangUpReason,
  InboundCallSimulated,
} from '@ringfence/domain/calls/call.events';
import type { FlowAction } from '@ringfence/domain/flows/flow-action';
import type { SimulatedCallers } from '@ringfence/ports/carrier/simulated-callers';
import { isAborted } from '@ringfence/kernel/aborted';
import type { AttemptId } from '@ringfence/domain/shared/values';
import type { Clock } from '@ringfence/kernel/clock';
import { isRetryable } from '@ringfence/kernel/failure';
import type { AccountId, CallId, EventId } from '@ringfence/kernel/ids';
import { pause, type Timers } from '@ringfence/kernel/timers';
import type { TracedSpan, Tracing } from '@ringfence/kernel/tracing';
import { durationMs, elapsedMs } from '@ringfence/kernel/units';
import type { CarrierSignal, HangUpCause } from '@ringfence/ports/carrier/carrier';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { beginningOf } from './action-orders.js';
import type { AnsweringCarrier } from './answering-carrier.js';
import { carrierUnknown } from './orphaned-calls.js';

/** The oldest an order may be when it is dialled; by then the caller has given up. */
export const orderAgeMsMax = durationMs(15_000);
/** Time for which an order that the carrier does not answer is retried. */
export const orderPatienceMs = durationMs(15_000);
const retryMs = 250;

type Ordering =
  | CallPlaced
  | CallReceived
  | InboundCallSimulated
  | CallHangUpRequested
  | CallExtended
  | CallFlowReplied
  | CallActionStarted
  | CallActionEnded
  | CallMuteRequested
  | CallDigitsRequested
  | CallPlaybackRequested;
export type OrderType = Ordering['type'];
export type Order = RecordedEnvelope<Ordering>;
type ActionOrder = RecordedEnvelope<CallFlowReplied | CallActionStarted>;
/** The numbers of a call in clear; null: erased. */
export type Numbers = { readonly from: string | null; readonly to: string | null };
/** The personal values that orders need, in clear. */
type OpenedValues = {
  readonly numbers: ReadonlyMap<CallId, Numbers>;
  /** Each action, and each playback as one, by the id of its event; null in place of a text that was erased. */
  readonly actions: ReadonlyMap<EventId, FlowAction<string | null>>;
};

type CarrierOrdersParts = {
  readonly carrier: AnsweringCarrier;
  readonly vault: Pick<SubjectVault, 'claim'>;
  readonly callers: SimulatedCallers;
  readonly clock: Clock;
  readonly timers: Timers;
  /** undefined: traces are off */
  readonly tracing: Tracing | undefined;
  readonly report: (signal: CarrierSignal) => void;
  readonly onRetryableError: (cause: unknown) => void;
};

/**
 * Carries out at the carrier what the log orders: the orders of one call one after the other, those of different calls
 * concurrently. An order that is not answered is retried for `orderPatienceMs`. Then a dial ends as `carrier_unknown`,
 * and a hang-up is left to the worker, which ends the call itself when the authorised time is over.
 */
export class CarrierOrders {
  constructor(private readonly parts: CarrierOrdersParts) {}

  /**
   * Settles when every order has been carried out or given up, or `signal` aborts.
   * @param readAtMs when the orders were read, by the monotonic clock
   * @throws what the carrier throws that is not retryable
   */
  async carryOut(orders: readonly Order[], opened: OpenedValues, readAtMs: number, signal: AbortSignal): Promise<void> {
    const byCall = new Map<CallId, Order[]>();
    for (const order of orders) {
      const { callId } = order.data;
      const known = byCall.get(callId);
      if (known === undefined) byCall.set(callId, [order]);
      else known.push(order);
    }
    const ofOneCall = ([, its]: readonly [CallId, readonly Order[]]): Promise<unknown> => {
      const [first, ...later] = its;
      const carryOut = (order: Order) => this.#carryOutOne(order, opened, readAtMs, signal);
      if (first === undefined) return Promise.resolve();
      return later.reduce((before, order) => before.then(() => carryOut(order)), carryOut(first));
    };
    await Promise.all(Array.from(byCall, ofOneCall));
  }

  #carryOutOne(order: Order, opened: OpenedValues, readAtMs: number, signal: AbortSignal): Promise<unknown> {
    const { carrier } = this.parts;
    const { data } = order;
    switch (data.type) {
      case 'CallPlaced':
        return this.#dial(order, data, opened.numbers.get(data.callId), readAtMs, signal);
      case 'CallReceived':
        return this.#answer(data, signal);
      case 'InboundCallSimulated':
        return this.#ring(order, data, opened.numbers.get(data.callId), signal);
      case 'CallHangUpRequested':
        return this.#answered(() => carrier.hangUp(data.callId, hangUpCauses[data.reason]), signal);
      case 'CallExtended':
        return this.#answered(() => carrier.extend(data.callId, data.authorisedForMs), signal);
      case 'CallFlowReplied':
      case 'CallActionStarted':
        return this.#act(order, data, opened.actions.get(order.id), signal);
      case 'CallActionEnded':
        return data.outcome === 'stopped'
          ? this.#answered(() => carrier.stop(data.callId, data.step), signal)
          : Promise.resolve();
      case 'CallMuteRequested':
        return this.#answered(() => carrier.mute(data.callId, data.legId, data.muted), signal);
      case 'CallDigitsRequested':
        return this.#sendDigits(data, signal);
      case 'CallPlaybackRequested':
        return this.#startPlayback(order, data, opened.actions.get(order.id), signal);
    }
  }

  /** Sends digits at most once: a claim takes the only copy. */
  async #sendDigits({ operationId, callId, legId, toneMs }: CallDigitsRequested, signal: AbortSignal): Promise<void> {
    const { carrier, vault } = this.parts;
    const claimed: string[] = [];
    const claim = async () => {
      const value = await vault.claim(operationId);
      if (value !== null) claimed.push(value);
    };
    await this.#answered(claim, signal);
    const [digits] = claimed;
    if (digits === undefined) return;
    await this.#answered(() => carrier.sendDigits({ operationId, callId, legId, digits, toneMs }), signal);
  }

  async #startPlayback(
    { stream }: Order,
    { callId, legId, attemptId, operationId, timesPlayed, onDigit }: CallPlaybackRequested,
    file: FlowAction<string | null> | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { carrier, report } = this.parts;
    const mediaUrl = file?.kind === 'play' ? file.mediaUrl : null;
    const of = { operationId, callId, legId, timesPlayed, onDigit };
    if (mediaUrl !== null && (await this.#answered(() => carrier.startPlayback({ ...of, mediaUrl }), signal))) return;
    const failed = { kind: 'playback_ended', operationId, outcome: 'failed', audioMs: durationMs(0) } as const;
    // Events of calls are in the streams of accounts.
    if (!signal.aborted) report({ accountId: stream as AccountId, callId, attemptId, signal: failed });
  }

  async #dial(
    { decidedAtMs, traceparent }: Order,
    placed: CallPlaced,
    numbers: Numbers | undefined,
    readAtMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { accountId, callId, legId, attemptId, ringTimeoutMs, authorisedForMs } = placed;
    const { carrier, clock, tracing } = this.parts;
    const of = { accountId, callId, attemptId };
    const trunk = placed.candidates[0]?.trunk;
    const begin = () => tracing?.begin('carrier.dial', [traceparent], { 'ringfence.attempt_id': attemptId }, readAtMs);
    if (elapsedMs(decidedAtMs, clock.now()) > orderAgeMsMax)
      return this.#endUndialled({ ...of, signal: carrierUnknown }, 'order_too_old', begin, signal);
    // A number was erased between the order and the dial: there is no one left to call.
    if (trunk === undefined || numbers?.from == null || numbers.to === null)
      return this.#endUndialled({ ...of, signal: carrierFailed }, 'nobody_to_call', begin, signal);
    const span = begin();
    const order = { ...of, legId, from: numbers.from, to: numbers.to, trunk, ringTimeoutMs, authorisedForMs };
    if (await this.#answered(() => carrier.place(order), signal)) {
      span?.end({ 'ringfence.outcome': 'dialled', 'ringfence.trunk': trunk });
      return;
    }
    span?.end({ 'ringfence.outcome': 'unanswered', 'ringfence.trunk': trunk });
    // The worker may have dialled nevertheless; after a stop the next owner of the duty asks it.
    if (!signal.aborted) this.parts.report({ ...of, signal: carrierUnknown });
  }

  async #answer(received: CallReceived, signal: AbortSignal): Promise<void> {
    const { accountId, callId, legId, attemptId, authorisedForMs } = received;
    const of = { accountId, callId, attemptId };
    const answered = await this.#answered(() => this.parts.carrier.answer({ ...of, legId, authorisedForMs }), signal);
    if (!answered && !signal.aborted) this.parts.report({ ...of, signal: carrierUnknown });
  }

  /** Lets a caller ring, unless that was ordered too long ago for anybody to wait for it. */
  async #ring(
    { decidedAtMs }: Order,
    { attemptId, givesUpAfterMs, hangsUpAfterMs }: InboundCallSimulated,
    numbers: Numbers | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { callers, clock } = this.parts;
    const isLate = elapsedMs(decidedAtMs, clock.now()) > orderAgeMsMax;
    if (isLate || numbers?.from == null || numbers.to === null) return;
    const { from, to } = numbers;
    await this.#answered(() => callers.ring({ attemptId, from, to, givesUpAfterMs, hangsUpAfterMs }), signal);
  }

  async #act(
    { stream }: Order,
    { callId, attemptId, step }: ActionOrder['data'],
    action: FlowAction<string | null> | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { carrier, report } = this.parts;
    if (action === undefined) return;
    const begin = beginningOf({ callId, step }, action, carrier);
    if (begin !== undefined && (await this.#answered(begin, signal))) return;
    // Events of calls are in the streams of accounts.
    const of = { accountId: stream as AccountId, callId, attemptId };
    if (!signal.aborted)
      report({ ...of, signal: { kind: 'action_ended', step, outcome: 'failed', audioMs: durationMs(0) } });
  }

  /** Ends a call that is not dialled, unless it is live at the worker because this order was read before. */
  async #endUndialled(
    ended: CarrierSignal,
    outcome: string,
    begin: () => TracedSpan | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const alive = new Set<AttemptId>();
    const ask = async () => {
      for (const attemptId of await this.parts.carrier.knows([ended.attemptId])) alive.add(attemptId);
    };
    await this.#answered(ask, signal);
    if (alive.size > 0 || signal.aborted) return;
    begin()?.end({ 'ringfence.outcome': outcome });
    this.parts.report(ended);
  }

  /** @returns false: not answered within `orderPatienceMs`, or `signal` has aborted */
  async #answered(ask: () => Promise<void>, signal: AbortSignal): Promise<boolean> {
    const { timers, onRetryableError } = this.parts;
    const untilMs = timers.monotonicMs() + orderPatienceMs;
    while (!signal.aborted) {
      try {
        await ask();
        return true;
      } catch (failure) {
        if (!isRetryable(failure)) throw failure;
        if (isAborted(signal)) return false;
        onRetryableError(failure);
      }
      if (timers.monotonicMs() >= untilMs) return false;
      await pause(timers, retryMs, signal);
    }
    return false;
  }
}

const carrierFailed: CarrierSignal['signal'] = {
  kind: 'ended',
  cause: 'carrier_failure',
  endedBy: 'platform',
  talkTimeMs: durationMs(0),
};

/** The cause given to the worker; the reason itself is in the log. */
const hangUpCauses: Readonly<Record<HangUpReason, HangUpCause>> = {
  requested: 'caller_hangup',
  key_revoked: 'key_revoked',
  account_suspended: 'account_suspended',
  ring_timeout: 'no_answer',
  maximum_duration: 'cancelled',
  flow_hangup: 'cancelled',
  flow_failed: 'cancelled',
};
