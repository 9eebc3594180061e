import { Relay } from '@ringfence/event-feed/relay/relay';
import { ConsumerGroupSource } from '@ringfence/event-feed/relay/consumer-group-source';
import type { RelayHost } from '@ringfence/event-feed/relay/relay-host';
import { TopicEventSource } from '@ringfence/event-feed/relay/topic-event-source';
import type { Needs } from '../server-process.js';
import type { Cluster } from '../cluster.js';

/**
 * Publishes the log to its topic while this decider leads the relay; the other deciders stand by. The process exits if
 * log and topic diverge.
 */
export function startRelay(
  {
    store,
    timers,
    clock,
    openedLog,
    owner,
    log,
    onLost,
  }: Needs<'store' | 'timers' | 'clock' | 'openedLog' | 'owner' | 'log' | 'onLost'>,
  { bus, topics, leases }: Cluster,
): { readonly stop: () => Promise<void> } {
  const host: RelayHost = {
    leading: (epoch, next) => {
      log.event('relay_elected', { epoch, next });
    },
    replaced: () => {
      log.event('relay_replaced');
    },
    published: () => undefined,
    onRetryableError: (cause) => {
      log.event('relay_error', { err: cause });
    },
  };
  const { logId, laneCount: partitions } = openedLog;
  const relay = new Relay({
    store,
    bus,
    leases,
    timers,
    clock,
    topic: topics.events,
    watermarks: topics.watermarks,
    partitions,
    logId,
    owner,
    host,
  });
  const running = new AbortController();
  const run = relay.run(running.signal).catch((failure: unknown) => {
    log.event('relay_diverged', { err: failure });
    onLost();
  });
  return {
    stop: async () => {
      running.abort();
      await run;
    },
  };
}

/** The log as read from its topic, or from the log itself while the topic is silent. For one subscriber. */
export function topicSource(
  { feed, openedLog, clock, timers, log }: Needs<'feed' | 'openedLog' | 'clock' | 'timers' | 'log'>,
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
      log.event('event_topic_error', { err: cause });
    },
    onReading: (from) => {
      log.event('key_registry_source', { from });
    },
  });
}

/** The log by partitions of its topic, which the projectors share among them. */
export function groupSource(
  {
    store,
    openedLog,
    clock,
    timers,
    log,
    metrics,
  }: Needs<'store' | 'openedLog' | 'clock' | 'timers' | 'log' | 'metrics'>,
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
      log.event('event_topic_error', { err: cause });
    },
    onFed: (projection, partitions) => {
      metrics.projections.fed(projection, partitions);
    },
  });
}
