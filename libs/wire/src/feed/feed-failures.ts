import { Failure } from '@ringfence/kernel/failure';

/** Failures of reading a feed: each ends the reading until an operator has acted. */
export const feedFailures = {
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
