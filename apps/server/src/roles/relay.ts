import { Relay } from '@ringfence/event-feed/relay/relay';
import { ConsumerGroupSource } from '@ringfence/event-feed/relay/consumer-group-source';
import type { RelayHost } from '@ringfence/event-feed/relay/relay-host';
import { TopicEventSource } from '@ringfence/event-feed/relay/topic-event-source';
import type { Cluster } from './cluster.js';
import type { Foundation } from './foundation.js';

/** Every decider has one; one of them brings the log to its topic, the others stand by. @param onRefused it cannot go on: this process should end */
export function startRelay(
  { store, timers, clock, openedLog, owner, log }: Foundation,
  { bus, topics, leases }: Cluster,
  onRefused: () => void,
): { readonly stop: () => Promise<void> } {
  const host: RelayHost = {
    leading: (epoch, next) => {
      log.info({ epoch, next }, 'this process brings the log to its topic');
    },
    replaced: () => {
      log.info('another process brings the log to its topic now');
    },
    published: () => undefined,
    onRetryableError: (cause) => {
      log.warn({ err: cause }, 'the relay met trouble and goes on');
    },
  };
  const { logId, laneCount: partitions } = openedLog;
  const relay = new Relay({ store, bus, leases, timers, clock, topic: topics.events, watermarks: topics.watermarks, partitions, logId, owner, host }); // prettier-ignore
  const running = new AbortController();
  const run = relay.run(running.signal).catch((failure: unknown) => {
    log.fatal({ err: failure }, 'the log and its topic do not go together: somebody has to look');
    onRefused();
  });
  return {
    stop: async () => {
      running.abort();
      await run;
    },
  };
}

/** The log as its topic tells it; the log itself while the topic is silent. For one subscriber. */
export function topicSource(
  { feed, openedLog, clock, timers, log }: Foundation,
  { bus, topics }: Cluster,
): TopicEventSource {
  const { logId, laneCount: partitions } = openedLog;
  return new TopicEventSource({
    bus,
    topic: topics.events,
    watermarks: topics.watermarks,
    partitions,
    logId,
    log: feed,
    clock,
    timers,
    onRetryableError: (cause) => {
      log.warn({ err: cause }, 'the topic of events made trouble; it is tried again');
    },
    onReading: (from) => {
      log.info({ from }, 'the key registry is kept fresh');
    },
  });
}

/** The log by the partitions of its topic, shared among the projectors. */
export function groupSource(
  { store, openedLog, clock, timers, log, metrics }: Foundation,
  { bus, topics }: Cluster,
): ConsumerGroupSource {
  const { logId, laneCount: partitions } = openedLog;
  return new ConsumerGroupSource({
    bus,
    topic: topics.events,
    watermarks: topics.watermarks,
    partitions,
    logId,
    log: store,
    clock,
    timers,
    onRetryableError: (cause) => {
      log.warn({ err: cause }, 'the topic of events made trouble; it is tried again');
    },
    onFed: (projection, partitions) => {
      metrics.projections.fed(projection, partitions);
    },
  });
}
