import { Failure } from '@ringfence/kernel/failure';

/** What the way from the log to the topic of events, and back, may fail with. */
export const relayFailures = {
  relay_lease_lost: (relay: string) =>
    new Failure('relay_lease_lost', `The relay ${relay} has another owner now: this one says nothing more.`, false),
  log_behind_topic: (topic: string, partition: number, what: string) =>
    new Failure(
      'log_behind_topic',
      `${topic}, partition ${String(partition)}, ${what}: the log was brought back to an earlier moment. Bring back what it lacks, or begin with a new topic.`,
      false,
    ),
  topic_of_other_log: (topic: string, partition: number, logId: string) =>
    new Failure('topic_of_other_log', `${topic}, partition ${String(partition)}, holds the log ${logId}.`, false),
  feed_record_malformed: (topic: string, partition: number, offset: bigint, what: string) =>
    new Failure(
      'feed_record_malformed',
      `${topic}, partition ${String(partition)}, offset ${String(offset)} is no record of the feed: ${what}. A reader stops here and never skips.`,
      false,
    ),
  feed_gap: (topic: string, partition: number, offset: bigint, what: string) =>
    new Failure(
      'feed_gap',
      `${topic}, partition ${String(partition)}, offset ${String(offset)}: ${what}. A reader stops here and never skips.`,
      false,
    ),
} as const;
