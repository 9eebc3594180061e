import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { Clock } from '@ringfence/kernel/clock';
import { isRetryable } from '@ringfence/kernel/failure';
import { invariant } from '@ringfence/kernel/invariant';
import { pause, type Timers } from '@ringfence/kernel/timers';
import { addDuration, durationMs, elapsedMs, epochMs, type Position } from '@ringfence/kernel/units';
import type {
  AttemptResult,
  DeliveryLease,
  DeliveryState,
  DueDelivery,
} from '@ringfence/ports/deliveries/delivery-queue';
import type { EventStore } from '@ringfence/ports/log/event-store';
import type { OutboundClient } from '@ringfence/ports/outbound/outbound-client';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { type DeliveredEnvelope, isDelivered } from '@ringfence/wire/webhooks/webhook-body';
import { attemptDelivery, type AttemptOutcome, nextAttemptMs } from './delivery-attempt.js';
import type { FailureRecorder } from './failure-recorder.js';
import { receiverAttemptsMax, Receivers } from './receivers.js';

/** Attempts under way at the same time, at all receivers together: a bound on sockets and memory. */
const attemptsMax = 2_048;
/** Deliveries that are claimed at once. */
const claimMax = 512;
/** Results that are written at once. */
const resultsMax = 500;
/** Longest time in which a due delivery is found without a notice. */
const pollMs = 500;
const retryMs = 500;
/** Delay of a delivery whose event or secrets could not be read, or whose failure could not be recorded. */
const laterMs = 5_000;
const sweepEveryMs = 30_000;
/** Time for which settled deliveries are kept, and can be delivered again. */
const keptMs = 30 * 24 * 3_600_000;
/** Time that attempts under way may take at a stop; those that take longer are repeated by the next owner. */
const stopMsMax = 2_000;

/** Notices of the sender. Must not throw. */
export interface DeliveryObserver {
  attempted(outcome: AttemptOutcome['outcome'], latencyMs: number): void;
  /** @param oldestAgeMs 0: nothing is pending */
  backlog(pending: number, oldestAgeMs: number): void;
}

type DeliverySenderParts = {
  readonly lease: DeliveryLease;
  readonly store: Pick<EventStore, 'readAt'>;
  readonly vault: Pick<SubjectVault, 'open'>;
  readonly outbound: Pick<OutboundClient, 'post'>;
  readonly failures: FailureRecorder;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly observer: DeliveryObserver;
  readonly onRetryableError: (cause: unknown) => void;
  /** Called when nothing more is sent, because another process has the queue or a failure cannot be cured. */
  readonly stopped: (cause: unknown) => void;
};

/**
 * Sends deliveries that are due. What is under way is kept in memory alone: after a crash it is due still, and is
 * attempted again.
 */
export class DeliverySender {
  readonly #ending = new AbortController();
  readonly #receivers: Receivers;
  readonly #underWay = new Map<string, DueDelivery>();
  readonly #attempts = new Set<Promise<void>>();
  readonly #results: AttemptResult[] = [];
  #notice: () => void = () => undefined;
  #isNoticed = false;
  #running: Promise<unknown> = Promise.resolve();
  #writing: Promise<void> | undefined;

  constructor(private readonly parts: DeliverySenderParts) {
    this.#receivers = new Receivers(parts.random);
  }

  start(): void {
    const stopped = (cause: unknown) => {
      this.#ending.abort();
      this.parts.stopped(cause);
    };
    this.#running = Promise.all([this.#claiming().catch(stopped), this.#sweeping().catch(stopped)]);
  }

  /** Says that something may be due. */
  notice(): void {
    this.#isNoticed = true;
    this.#notice();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    this.#notice();
    await this.#running;
    await Promise.race([Promise.all(this.#attempts), pause(this.parts.timers, stopMsMax)]);
    await this.#writing;
  }

  async #claiming(): Promise<void> {
    const { timers, onRetryableError } = this.parts;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      this.#isNoticed = false;
      const began = await this.#claim().catch((failure: unknown) => {
        if (!isRetryable(failure)) throw failure;
        onRetryableError(failure);
        return null;
      });
      if (began === null) await pause(timers, retryMs, signal);
      else if (began === 0) await this.#noticed();
    }
  }

  /** Settles with the next notice, or after `pollMs`. */
  #noticed(): Promise<void> {
    if (this.#isNoticed) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        resolve();
      };
      const cancel = this.parts.timers.after(pollMs, end);
      this.#notice = end;
    });
  }

  /** @returns the number of attempts that began */
  async #claim(): Promise<number> {
    const { lease, clock, timers } = this.parts;
    const room = Math.min(claimMax, attemptsMax - this.#underWay.size);
    if (room <= 0) return 0;
    const due = await lease.due({
      nowMs: clock.now(),
      busy: this.#receivers.busy(timers.monotonicMs()),
      underWay: [...this.#underWay.values()],
      perReceiverMax: receiverAttemptsMax,
      limit: room,
    });
    if (due.length === 0) return 0;
    const events = await this.#eventsOf(due);
    let began = 0;
    for (const delivery of due) {
      if (!this.#receivers.begin(delivery.receiver, timers.monotonicMs())) continue;
      began += 1;
      this.#underWay.set(nameOf(delivery), delivery);
      const attempt = this.#attempt(delivery, events.get(delivery.position)).finally(() => {
        this.#attempts.delete(attempt);
      });
      this.#attempts.add(attempt);
    }
    return began;
  }

  async #eventsOf(due: readonly DueDelivery[]): Promise<ReadonlyMap<Position, DeliveredEnvelope>> {
    const positions = [...new Set(due.map(({ position }) => position))];
    const recorded = (await this.parts.store.readAt(positions)).map(decodeRecorded);
    return new Map(recorded.filter(isDelivered).map((envelope) => [envelope.position, envelope]));
  }

  async #attempt(delivery: DueDelivery, envelope: DeliveredEnvelope | undefined): Promise<void> {
    const { failures, observer, timers, onRetryableError } = this.parts;
    try {
      invariant(envelope !== undefined, 'a queued event is in the log');
      const outcome = await attemptDelivery(this.parts, delivery, envelope);
      this.#receivers.end(delivery.receiver, outcome.outcome !== 'retry', timers.monotonicMs());
      observer.attempted(outcome.outcome, outcome.latencyMs);
      const isFailed = outcome.outcome !== 'delivered' && outcome.outcome !== 'retry';
      // First, so that a failure is recorded even if the process dies before it is settled.
      if (isFailed) await failures.record(delivery, outcome.outcome, outcome);
      this.#settle(delivery, outcome, stateOf(outcome));
    } catch (failure) {
      this.#receivers.end(delivery.receiver, true, timers.monotonicMs());
      onRetryableError(failure);
      this.#settle(delivery, notAttempted, 'pending');
    }
  }

  #settle(delivery: DueDelivery, outcome: AttemptOutcome, state: DeliveryState): void {
    const { clock, random } = this.parts;
    const nowMs = clock.now();
    const { position, endpoint, callId, round, attempts } = delivery;
    const { isAttempt, status, error, latencyMs } = outcome;
    const dueAtMs = isAttempt ? nextAttemptMs(nowMs, attempts + 1, random()) : addDuration(nowMs, durationMs(laterMs));
    const attemptedAtMs = epochMs(nowMs - Math.round(latencyMs));
    const key = { position, endpoint, callId, round };
    this.#results.push({ ...key, state, dueAtMs, isAttempt, attemptedAtMs, status, error, latencyMs });
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Writes the results that there are, many in one statement, until there are no more. */
  async #write(): Promise<void> {
    const { lease, timers, onRetryableError, stopped } = this.parts;
    while (this.#results.length > 0) {
      const batch = this.#results.splice(0, resultsMax);
      try {
        await lease.settle(batch);
      } catch (failure) {
        if (!isRetryable(failure)) {
          this.#results.length = 0;
          this.#ending.abort();
          stopped(failure);
          return;
        }
        // They are attempted again if the process ends before they are written.
        if (this.#ending.signal.aborted) return;
        onRetryableError(failure);
        this.#results.unshift(...batch);
        await pause(timers, retryMs, this.#ending.signal);
        continue;
      }
      for (const result of batch) this.#underWay.delete(nameOf(result));
      this.notice();
    }
  }

  async #sweeping(): Promise<void> {
    const { lease, timers, clock, observer, onRetryableError } = this.parts;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        const { pending, oldestQueuedAtMs } = await lease.backlog();
        observer.backlog(pending, oldestQueuedAtMs === null ? 0 : elapsedMs(oldestQueuedAtMs, clock.now()));
        await lease.forget(epochMs(clock.now() - keptMs));
      } catch (failure) {
        if (!isRetryable(failure)) throw failure;
        onRetryableError(failure);
      }
      await pause(timers, sweepEveryMs, signal);
    }
  }
}

const notAttempted: AttemptOutcome = { outcome: 'retry', isAttempt: false, status: null, error: null, latencyMs: 0 };

function stateOf({ outcome }: AttemptOutcome): DeliveryState {
  if (outcome === 'delivered') return 'delivered';
  return outcome === 'retry' ? 'pending' : 'failed_permanent';
}

function nameOf({ position, endpoint }: Pick<DueDelivery, 'position' | 'endpoint'>): string {
  return `${String(position)}:${endpoint}`;
}
