import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { CallExtended, CallHangUpRequested, CallPlaced, HangUpReason } from '@ringfence/domain/calls/call.events';
import type { EventStore } from '@ringfence/ports/log/event-store';
import type { Clock } from '@ringfence/kernel/clock';
import type { CallId, IdSource } from '@ringfence/kernel/ids';
import { pause, type Timers } from '@ringfence/kernel/timers';
import type { Tracing } from '@ringfence/kernel/tracing';
import { durationMs, elapsedMs, type Position } from '@ringfence/kernel/units';
import type { Carrier, CarrierSignal } from '@ringfence/ports/carrier/carrier';
import type { CommandDispatcher } from '@ringfence/commands/command-dispatcher';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { followLog, type LogPage } from '../log-follower.js';
import type { ReactorCheckpoints, ReactorLease } from '@ringfence/ports/checkpoints/reactor-checkpoints';
import type { ReactorHost } from '../reactor-host.js';
import type { LiveCalls } from './live-calls.js';
import { carrierUnknown, endOrphanedCalls } from './orphaned-calls.js';
import { ProgressReporter } from './progress-reporter.js';

/** Names its checkpoint. */
export const carrierReactorName = 'carrier';
/** An order that waited longer than this is not dialled any more: whoever wished for the call has given up on it. */
export const orderAgeMsMax = durationMs(15_000);
/**
 * Orders that come within this time of a checkpoint share the next one, and are dialled that much later at most: each is a durable commit of its own, and the
 * lanes' appends wait for the same disk.
 */
export const dialEveryMs = 50;
/** While nothing is dialled the checkpoint may be this far behind: reading hang-ups again does no harm. */
export const checkpointEveryMs = 5_000;
/** At a clean stop: how long the last signals are waited for. */
const stopMsMax = 3_000;

export type CarrierReactorOptions = {
  readonly store: EventStore;
  readonly checkpoints: ReactorCheckpoints;
  readonly vault: SubjectVault;
  readonly carrier: Carrier;
  readonly dispatcher: CommandDispatcher;
  readonly liveCalls: LiveCalls;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly host: ReactorHost;
  /** undefined: nobody wants traces. */
  readonly tracing?: Tracing | undefined;
  /** Names this process. */
  readonly owner: string;
};

type Order = RecordedEnvelope<CallPlaced | CallHangUpRequested | CallExtended>;
const orderTypes = new Set(['CallPlaced', 'CallHangUpRequested', 'CallExtended'] as const);

/**
 * Carries out what the log says is to be done at the carrier. A dial happens at most once: the checkpoint is past an order before it is dialled, so that
 * whatever was behind it at a crash is never dialled again; what may have rung and is known to nobody ends `carrier_unknown`.
 */
export class CarrierReactor {
  readonly #abort = new AbortController();
  readonly #relay: ProgressReporter;
  #saved: Position;
  #savedAtMs: number;
  #running: Promise<void> = Promise.resolve();

  private constructor(
    private readonly options: CarrierReactorOptions,
    private readonly lease: ReactorLease,
  ) {
    const { carrier, dispatcher, ids, clock, timers, host } = options;
    const onRetryableError = (cause: unknown) => {
      host.onRetryableError(carrierReactorName, cause);
    };
    this.#relay = new ProgressReporter({
      workerId: carrier.workerId,
      dispatcher,
      ids,
      clock,
      timers,
      onRetryableError,
    });
    this.#saved = lease.next;
    this.#savedAtMs = timers.monotonicMs();
  }

  /** @throws Failure `reactor_checkpoints_unavailable` (retryable) */
  static async start(options: CarrierReactorOptions): Promise<CarrierReactor> {
    const lease = await options.checkpoints.take(carrierReactorName, options.owner);
    const reactor = new CarrierReactor(options, lease);
    options.carrier.onSignal((signal) => {
      reactor.#relay.report(signal);
    });
    reactor.#running = reactor.#run();
    return reactor;
  }

  /** Takes no more orders, and waits a while for the lane to answer to what the worker has said. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    await this.#relay.drained(stopMsMax);
    this.#relay.stop();
  }

  async #run(): Promise<void> {
    const { store, timers, host, liveCalls, carrier } = this.options;
    const { signal } = this.#abort;
    const onRetryableError = (cause: unknown) => {
      host.onRetryableError(carrierReactorName, cause);
    };
    const report = (told: CarrierSignal) => {
      this.#relay.report(told);
    };
    const orphans = endOrphanedCalls(this.#saved, { liveCalls, carrier, timers, report, signal, onRetryableError });
    const onPage = (page: LogPage<'CallPlaced' | 'CallHangUpRequested' | 'CallExtended'>) => this.#onPage(page);
    const following = followLog(this.#saved, { store, timers, types: orderTypes, signal, onPage, onRetryableError });
    try {
      await Promise.all([orphans, following]);
    } catch (error) {
      this.#abort.abort();
      host.stopped(carrierReactorName, error);
    }
  }

  async #onPage({ events, next }: LogPage<'CallPlaced' | 'CallHangUpRequested' | 'CallExtended'>): Promise<void> {
    const { timers } = this.options;
    const readAtMs = timers.monotonicMs();
    const dials = events.filter(isDial);
    if (dials.length === 0) {
      await this.#saveNowAndThen(next);
      this.#carryOut(events, new Map(), readAtMs);
      return;
    }
    const numbers = await this.#numbersOf(dials);
    // From here on these orders are never seen again, by whoever comes after us: then they may be dialled.
    await this.#save(next);
    if (this.#abort.signal.aborted) return;
    this.#carryOut(events, numbers, readAtMs);
    await pause(timers, Math.max(0, this.#savedAtMs + dialEveryMs - timers.monotonicMs()), this.#abort.signal);
  }

  async #numbersOf(dials: readonly RecordedEnvelope<CallPlaced>[]): Promise<Map<CallId, Numbers>> {
    const opened = await this.options.vault.open(dials.flatMap(({ data }) => [data.from, data.to]));
    return new Map(
      dials.map(({ data }, index) => [
        data.callId,
        { from: opened[2 * index] ?? null, to: opened[2 * index + 1] ?? null },
      ]),
    );
  }

  #carryOut(events: readonly Order[], numbers: ReadonlyMap<CallId, Numbers>, readAtMs: number): void {
    const { carrier } = this.options;
    for (const event of events) {
      const { data } = event;
      switch (data.type) {
        case 'CallPlaced':
          this.#dial(event, data, numbers.get(data.callId), readAtMs);
          break;
        case 'CallHangUpRequested':
          carrier.hangUp(data.callId, hangUpCauses[data.reason]);
          break;
        case 'CallExtended':
          carrier.extend(data.callId, data.authorisedForMs);
      }
    }
  }

  #dial({ decidedAtMs, traceparent }: Order, placed: CallPlaced, numbers: Numbers | undefined, readAtMs: number): void {
    const { accountId, callId, legId, attemptId, ringTimeoutMs, authorisedForMs } = placed;
    const { carrier, clock, tracing } = this.options;
    const trunk = placed.candidates[0]?.trunk;
    const of = { accountId, callId, attemptId };
    if (carrier.knows(attemptId)) return;
    const span = tracing?.begin('carrier.dial', [traceparent], { 'ringfence.attempt_id': attemptId }, readAtMs);
    if (elapsedMs(decidedAtMs, clock.now()) > orderAgeMsMax) {
      span?.end({ 'ringfence.outcome': 'order_too_old' });
      this.#relay.report({ ...of, signal: carrierUnknown });
      return;
    }
    if (trunk === undefined || numbers?.from == null || numbers.to === null) {
      // The number was erased between the order and the dial: there is nobody left to call.
      span?.end({ 'ringfence.outcome': 'nobody_to_call' });
      this.#relay.report({ ...of, signal: carrierFailed });
      return;
    }
    carrier.place({ ...of, legId, from: numbers.from, to: numbers.to, trunk, ringTimeoutMs, authorisedForMs });
    span?.end({ 'ringfence.outcome': 'dialled', 'ringfence.trunk': trunk });
  }

  async #saveNowAndThen(next: Position): Promise<void> {
    if (next === this.#saved || this.options.timers.monotonicMs() - this.#savedAtMs < checkpointEveryMs) return;
    await this.#save(next);
  }

  async #save(next: Position): Promise<void> {
    await this.lease.save(next);
    this.#saved = next;
    this.#savedAtMs = this.options.timers.monotonicMs();
  }
}

type Numbers = { readonly from: string | null; readonly to: string | null };

const carrierFailed: CarrierSignal['signal'] = {
  kind: 'ended',
  cause: 'carrier_failure',
  endedBy: 'platform',
  talkTimeMs: durationMs(0),
};

/** What a worker is told; the reason itself stands in the log. */
const hangUpCauses: Readonly<Record<HangUpReason, Parameters<Carrier['hangUp']>[1]>> = {
  requested: 'caller_hangup',
  key_revoked: 'key_revoked',
  account_suspended: 'account_suspended',
  ring_timeout: 'no_answer',
  maximum_duration: 'cancelled',
};

function isDial(event: Order): event is RecordedEnvelope<CallPlaced> {
  return event.data.type === 'CallPlaced';
}
