import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { CallPlaced, InboundCallSimulated } from '@ringfence/domain/calls/call.events';
import type { CallId } from '@ringfence/kernel/ids';
import { pause } from '@ringfence/kernel/timers';
import type { Position } from '@ringfence/kernel/units';
import type { CarrierSignal } from '@ringfence/ports/carrier/carrier';
import { followLog, type LogPage } from '../log-follower.js';
import type { ReactorLease } from '@ringfence/ports/checkpoints/reactor-checkpoints';
import type { CarrierReactorOptions } from './carrier-reactor-options.js';
import { openedActions } from './action-orders.js';
import { type AnsweringCarrier, answeringInTime } from './answering-carrier.js';
import { CarrierOrders, type Numbers, type Order, type OrderType } from './carrier-orders.js';
import { IncomingCalls } from './incoming-calls.js';
import { endOrphanedCalls } from './orphaned-calls.js';
import { ProgressReporter } from './progress-reporter.js';

/** Name of the reactor's checkpoint. */
export const carrierReactorName = 'carrier';
/**
 * Interval at which orders are collected for one checkpoint, and so the longest delay that this adds to a dial. Each
 * checkpoint is a durable commit, and the lanes' appends wait for the same disk.
 */
export const dialEveryMs = 50;
/** The longest lag of the checkpoint while nothing is dialled: reading hang-ups twice does no harm. */
const checkpointEveryMs = 5_000;
/** The longest wait for the last signals at a clean stop. */
const stopMsMax = 3_000;

const orderTypes: ReadonlySet<OrderType> = new Set([
  'CallPlaced',
  'CallReceived',
  'InboundCallSimulated',
  'CallHangUpRequested',
  'CallExtended',
  'CallFlowReplied',
  'CallActionStarted',
  'CallActionEnded',
  'CallMuteRequested',
  'CallDigitsRequested',
  'CallPlaybackRequested',
]);

/**
 * Carries out the log's orders at the carrier. A dial happens at most once: the checkpoint is past an order before it
 * is dialled, so an order that was before the checkpoint at a crash is never dialled again. A call that may have rung
 * and that no worker knows ends as `carrier_unknown`.
 */
export class CarrierReactor {
  readonly #abort = new AbortController();
  readonly #reporter: ProgressReporter;
  readonly #carrier: AnsweringCarrier;
  readonly #orders: CarrierOrders;
  readonly #incoming: IncomingCalls;
  #saved: Position;
  #savedAtMs: number;
  #running: Promise<void> = Promise.resolve();

  readonly #report = (signal: CarrierSignal): void => {
    this.options.onSignal(signal);
    this.#reporter.report(signal);
  };
  readonly #onRetryableError = (cause: unknown): void => {
    this.options.host.onRetryableError(carrierReactorName, cause);
  };

  private constructor(
    private readonly options: CarrierReactorOptions,
    private readonly lease: ReactorLease,
  ) {
    const { carrier, callers, dispatcher, ids, clock, timers, tracing, vault, owners, onUnallocated } = options;
    const { workerId } = carrier;
    const [report, onRetryableError] = [this.#report, this.#onRetryableError];
    this.#reporter = new ProgressReporter({ workerId, dispatcher, ids, clock, timers, onRetryableError });
    this.#carrier = answeringInTime(carrier, timers, this.#abort.signal);
    const own = { carrier: this.#carrier, callers, vault };
    this.#orders = new CarrierOrders({ ...own, clock, timers, tracing, report, onRetryableError });
    const ofIncoming = { carrier: this.#carrier, vault, owners, signal: this.#abort.signal, onUnallocated };
    this.#incoming = new IncomingCalls({ workerId, dispatcher, clock, timers, onRetryableError, ...ofIncoming });
    this.#saved = lease.next;
    this.#savedAtMs = timers.monotonicMs();
  }

  /** @throws Failure `reactor_checkpoints_unavailable` (retryable) */
  static async start(options: CarrierReactorOptions): Promise<CarrierReactor> {
    const lease = await options.checkpoints.take(carrierReactorName, options.owner);
    const reactor = new CarrierReactor(options, lease);
    options.carrier.onSignal(reactor.#report);
    options.carrier.onIncoming((call) => {
      void reactor.#incoming.receive(call);
    });
    reactor.#running = reactor.#run();
    return reactor;
  }

  /** Takes no more orders, and waits a bounded time for the lane to answer the worker's reports. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    await this.#reporter.drained(stopMsMax);
    this.#reporter.stop();
  }

  async #run(): Promise<void> {
    const { store, timers, host, liveCalls } = this.options;
    const carrier = this.#carrier;
    const { signal } = this.#abort;
    const [report, onRetryableError] = [this.#report, this.#onRetryableError];
    const orphans = endOrphanedCalls(this.#saved, { liveCalls, carrier, timers, report, signal, onRetryableError });
    const onPage = (page: LogPage<OrderType>) => this.#onPage(page);
    const following = followLog(this.#saved, { store, timers, types: orderTypes, signal, onPage, onRetryableError });
    try {
      await Promise.all([orphans, following]);
    } catch (error) {
      this.#abort.abort();
      host.stopped(carrierReactorName, error);
    }
  }

  async #onPage({ events, next }: LogPage<OrderType>): Promise<void> {
    const { timers } = this.options;
    const readAtMs = timers.monotonicMs();
    const dials = events.filter(isDial);
    const actions = await openedActions(events, this.options.vault);
    if (dials.length === 0) {
      await this.#orders.carryOut(events, { numbers: new Map(), actions }, readAtMs, this.#abort.signal);
      await this.#saveNowAndThen(next);
      return;
    }
    const numbers = await this.#numbersOf(dials);
    // From here on no successor reads these orders again: now they may be dialled.
    await this.#save(next);
    if (this.#abort.signal.aborted) return;
    await this.#orders.carryOut(events, { numbers, actions }, readAtMs, this.#abort.signal);
    await pause(timers, Math.max(0, this.#savedAtMs + dialEveryMs - timers.monotonicMs()), this.#abort.signal);
  }

  async #numbersOf(
    dials: readonly RecordedEnvelope<CallPlaced | InboundCallSimulated>[],
  ): Promise<Map<CallId, Numbers>> {
    const opened = await this.options.vault.open(dials.flatMap(({ data }) => [data.from, data.to]));
    return new Map(
      dials.map(({ data }, index) => [
        data.callId,
        { from: opened[2 * index] ?? null, to: opened[2 * index + 1] ?? null },
      ]),
    );
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

/** Says whether the event orders what must happen once: a dial, or the ring of a simulated caller. */
function isDial(event: Order): event is RecordedEnvelope<CallPlaced | InboundCallSimulated> {
  return event.data.type === 'CallPlaced' || event.data.type === 'InboundCallSimulated';
}
