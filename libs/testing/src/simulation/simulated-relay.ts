import { Relay } from '@ringfence/event-feed/relay/relay';
import { type ProcessParts, describeCause } from './process-parts.js';

/** Starts the relay that every decider has, as its role does. @returns a function that stops it */
export function startSimulatedRelay(parts: ProcessParts): () => Promise<void> {
  const { process, store, bus, leases, log, topics, recording } = parts;
  const { clock, timers, name } = process;
  const relay = new Relay({
    store,
    bus,
    leases,
    timers,
    clock,
    topic: topics.events,
    watermarks: topics.watermarks,
    partitions: log.laneCount,
    logId: log.logId,
    owner: name,
    host: {
      leading: (epoch, next) => {
        recording.note({ kind: 'leads', process: name, epoch, next });
      },
      replaced: () => {
        recording.note({ kind: 'fault', what: 'relay replaced', of: name });
      },
      published: () => undefined,
      onRetryableError: (cause) => {
        recording.note({ kind: 'error', process: name, what: `relay: ${describeCause(cause)}` });
      },
    },
  });
  const running = new AbortController();
  process.world.ending.signal.addEventListener('abort', () => {
    running.abort();
  });
  const run = relay.run(running.signal).catch((failure: unknown) => {
    recording.note({
      kind: 'broken',
      process: name,
      what: `the log and its topic do not agree: ${describeCause(failure)}`,
    });
  });
  return async () => {
    running.abort();
    await run;
  };
}
