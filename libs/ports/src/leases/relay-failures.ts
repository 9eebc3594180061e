import { Failure } from '@ringfence/kernel/failure';

/** Failures of the way from the log to the topic of events; those of reading it are in `feed-failures.ts`. */
export const relayFailures = {
  relay_lease_lost: (relay: string) =>
    new Failure('relay_lease_lost', `The relay ${relay} has another owner now: this one says nothing more.`, false),
  log_behind_topic: (topic: string, partition: number, what: string) =>
    new Failure(
      'log_behind_topic',
      `${topic}, partition ${String(partition)}, ${what}: the log was brought back to an earlier moment. Bring back what it lacks, or begin with a new topic.`,
      false,
    ),
} as const;
