import type { EventStore } from '@ringfence/ports/log/event-store';
import { isAborted } from '@ringfence/kernel/aborted';
import type { Clock } from '@ringfence/kernel/clock';
import { Failure, isRetryable } from '@ringfence/kernel/failure';
import type { LogId } from '@ringfence/kernel/ids';
import type { Epoch } from '@ringfence/kernel/lane';
import { pause, type Timers } from '@ringfence/kernel/timers';
import type { MessageBus } from '@ringfence/ports/message-bus/message-bus';
import type { FeedOrigin } from '@ringfence/wire/feed/feed-record';
import { relayFailures } from '@ringfence/ports/leases/relay-failures';
import type { RelayHost } from './relay-host.js';
import type { RelayLease, RelayLeases } from '@ringfence/ports/leases/relay-leases';
import { TopicWriter } from './topic-writer.js';
import { checkAgainstLog, type OwnPublication, readTail } from './published-end.js';

/** Interval of watermarks while idle: three times a second. */
export const watermarkEveryMs = 334;
/** Minimum interval of watermarks while events are published, one after each batch. */
const watermarkEveryMsMin = 50;
/** Interval at which the owner renews its lease. */
const renewEveryMs = 500;
/** An owner that was silent for this long is replaced. */
export const ownerSilentMs = 3_000;
/** Interval at which a standby checks whether it is needed. */
const standByMs = 500;
/** Pause after a retryable failure. */
const retryAfterMs = 200;

type RelayParts = {
  readonly store: Pick<EventStore, 'head' | 'readAll' | 'subscribe'>;
  readonly bus: Pick<MessageBus, 'publish' | 'ranges' | 'follow'>;
  readonly leases: RelayLeases;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly topic: string;
  /** The topic of watermarks. */
  readonly watermarks: string;
  /** Number of partitions of the topic: the log's number of lanes. */
  readonly partitions: number;
  readonly logId: LogId;
  /** Names this process. */
  readonly owner: string;
  readonly host: RelayHost;
};

/**
 * Publishes the log to the topic, in order. Any number of processes run a relay; the one that holds the lease works,
 * the others stand by. The topic itself is the only checkpoint. A relay that was paused and replaced may still have a
 * batch in flight: its successor publishes the same events, and readers drop the late batch by its epoch.
 */
export class Relay {
  constructor(private readonly parts: RelayParts) {}

  /**
   * Runs until `signal` aborts. A publication in progress is then abandoned; the next owner finds in the topic whether
   * it succeeded.
   * @throws Failure that is not retryable: `log_behind_topic`, `topic_of_other_log`, `feed_record_malformed`,
   * `event_malformed`
   */
  async run(signal: AbortSignal): Promise<void> {
    const { host, timers } = this.parts;
    while (!signal.aborted) {
      try {
        const lease = await this.#take(0 as Epoch);
        if (lease === null) await pause(timers, standByMs, signal);
        else await this.#hold(lease, signal);
      } catch (failure) {
        if (isAborted(signal)) return;
        if (isLeaseLost(failure)) host.replaced();
        else if (isRetryable(failure)) host.onRetryableError(failure);
        else throw failure;
        await pause(timers, retryAfterMs, signal);
      }
    }
  }

  #take(above: Epoch): Promise<RelayLease | null> {
    const { leases, topic, owner } = this.parts;
    return leases.take({ relay: topic, owner, silentMs: ownerSilentMs, above });
  }

  /** Leads while the lease is ours, across failures of log and bus. */
  async #hold(lease: RelayLease, signal: AbortSignal): Promise<void> {
    const holding: Holding = { lease, own: null };
    try {
      await together(signal, [(ending) => this.#renew(holding, ending), (ending) => this.#lead(holding, ending)]);
    } finally {
      // Spares the next owner the wait for expiry. A lease that was lost already cannot be released, which is fine.
      await holding.lease.release().catch(() => undefined);
    }
  }

  async #renew(holding: Holding, signal: AbortSignal): Promise<void> {
    const { host, timers } = this.parts;
    while (!signal.aborted) {
      await pause(timers, renewEveryMs, signal);
      if (isAborted(signal)) return;
      const { lease } = holding;
      try {
        await lease.renew();
      } catch (failure) {
        // We may have taken the lease again ourselves, under a higher epoch.
        if (lease !== holding.lease) continue;
        if (!isRetryable(failure)) throw failure;
        host.onRetryableError(failure);
      }
    }
  }

  async #lead(holding: Holding, signal: AbortSignal): Promise<void> {
    const { host, timers } = this.parts;
    while (!signal.aborted) {
      try {
        await this.#publish(holding, signal);
      } catch (failure) {
        if (isAborted(signal) || !isRetryable(failure)) throw failure;
        host.onRetryableError(failure);
      }
      await pause(timers, retryAfterMs, signal);
    }
  }

  /** Publishes from the end of the topic on. After a failure with an unknown outcome the topic is examined again. */
  async #publish(holding: Holding, signal: AbortSignal): Promise<void> {
    const { bus, store, topic, watermarks, partitions, logId, host, timers, clock } = this.parts;
    const onRetryableError = (cause: unknown): void => {
      host.onRetryableError(cause);
    };
    const { own, lease: taken } = holding;
    const tail = await readTail(
      { bus, topic, watermarks, partitions, logId, epoch: taken.epoch, own, onRetryableError },
      signal,
    );
    await checkAgainstLog(store, topic, tail.publication);
    if (own === null) await this.#raiseEpoch(holding, tail.epochMax);
    const { lease } = holding;
    const origin: FeedOrigin = { topic, logId, epoch: lease.epoch };
    const writer = new TopicWriter({ bus, lease, host, origin, watermarks }, tail.publication);
    host.leading(lease.epoch, writer.next);
    try {
      await together(signal, [
        async (ending) => {
          for await (const events of store.subscribe(writer.next, ending)) await writer.writeEvents(events, ending);
        },
        async (ending) => {
          while (!ending.aborted) {
            const timeMs = clock.now();
            await writer.writeWatermarks(await store.head(), timeMs, ending);
            await pause(timers, watermarkEveryMsMin, ending);
            const rest = watermarkEveryMs - watermarkEveryMsMin;
            await writer.moved((woken) => pause(timers, rest, woken), ending);
          }
        },
      ]);
    } finally {
      holding.own = { epoch: lease.epoch, ends: writer.ends };
    }
  }

  /**
   * Raises our epoch above those in the topic: the database may have been restored to an earlier moment, and readers
   * would drop records of lower epochs.
   */
  async #raiseEpoch(holding: Holding, epochMax: Epoch): Promise<void> {
    if (epochMax >= holding.lease.epoch) {
      const higher = await this.#take(epochMax);
      if (higher === null) throw relayFailures.relay_lease_lost(this.parts.topic);
      holding.lease = higher;
    }
  }
}

/** `own`: null until the topic may hold records of this very epoch. */
type Holding = { lease: RelayLease; own: OwnPublication | null };

/** Runs tasks until one ends or fails, or `signal` aborts; then ends the others. @throws the first failure */
async function together(
  signal: AbortSignal,
  works: readonly ((ending: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const stopping = new AbortController();
  const ending = AbortSignal.any([signal, stopping.signal]);
  const failures: unknown[] = [];
  await Promise.all(
    works.map(async (work) => {
      try {
        await work(ending);
      } catch (failure) {
        failures.push(failure);
      }
      stopping.abort();
    }),
  );
  if (failures.length > 0) throw failures[0];
}

function isLeaseLost(failure: unknown): boolean {
  return failure instanceof Failure && failure.code === 'relay_lease_lost';
}
