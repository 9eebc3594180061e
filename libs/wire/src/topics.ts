import { type AccountId, parseAccountId } from '@ringfence/kernel/ids';
import type { TopicSpec } from '@ringfence/ports/message-bus/topic-spec';

/** The platform's topics, by what they carry. */
export type Topics = {
  /** Commands by lane: the partition is the lane of the account. */
  readonly commands: string;
  /** Replies by requester. */
  readonly replies: string;
  /** Events of the log, keyed by account. */
  readonly events: string;
  /** Watermarks: how far all partitions of the topic of events are. */
  readonly watermarks: string;
  /** Records that could not be read as commands, with the reason. */
  readonly deadLetters: string;
};

/** Prefix of all of a cluster's topics, by default. */
export const topicPrefixDefault = 'ringfence';

export function topicsOf(prefix: string): Topics {
  return {
    commands: `${prefix}.commands`,
    replies: `${prefix}.replies`,
    events: `${prefix}.events`,
    watermarks: `${prefix}.watermarks`,
    deadLetters: `${prefix}.commands.dlq`,
  };
}

/** The dedicated topics of an account: it writes the first and reads the others; all others' are closed to it. */
export type AccountTopics = Pick<Topics, 'commands' | 'replies' | 'events'>;

/** Watermarks have one order, and so one partition. */
const watermarkPartitions = 1;
/** Number of partitions of a dedicated topic: an account has one order. */
export const accountTopicPartitions = 1;
/** The most accounts with dedicated topics. */
const accountsWithTopicsMax = 1_000;

export function accountTopicsOf(topics: AccountTopics, account: AccountId): AccountTopics {
  return {
    commands: `${topics.commands}.${account}`,
    replies: `${topics.replies}.${account}`,
    events: `${topics.events}.${account}`,
  };
}

/**
 * Returns the accounts that have all three topics among these names, in the order of their ids, up to the maximum of
 * accounts with topics.
 */
export function accountsWithTopics(topics: AccountTopics, names: readonly string[]): readonly AccountId[] {
  const known = new Set(names);
  const head = `${topics.commands}.`;
  return names
    .flatMap((name) => (name.startsWith(head) ? (parseAccountId(name.slice(head.length)) ?? []) : []))
    .filter((account) => Object.values(accountTopicsOf(topics, account)).every((name) => known.has(name)))
    .sort()
    .slice(0, accountsWithTopicsMax);
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * Retention of a command in its topic. A command issued earlier is refused, because it could no longer be determined
 * whether it was decided.
 */
export const commandsKeptMs = 7 * dayMs;
const repliesKeptMs = hourMs;
const eventsKeptMs = 30 * dayMs;
const watermarksKeptMs = hourMs;
const deadLettersKeptMs = 90 * dayMs;

/**
 * @param copies replication factor of each partition; a message is acknowledged once all replicas but one have it, at
 * least one
 */
export function topicSpecs(topics: Topics, laneCount: number, copies: number): readonly TopicSpec[] {
  const kept = keptIn(laneCount, copies);
  return [
    kept(topics.commands, commandsKeptMs),
    kept(topics.replies, repliesKeptMs),
    kept(topics.events, eventsKeptMs),
    kept(topics.deadLetters, deadLettersKeptMs),
    keptIn(watermarkPartitions, copies)(topics.watermarks, watermarksKeptMs),
  ];
}

/** Returns the required shape of an account's dedicated topics; their retention is that of the shared ones. */
export function accountTopicSpecs(topics: AccountTopics, copies: number): readonly TopicSpec[] {
  const kept = keptIn(accountTopicPartitions, copies);
  return [
    kept(topics.commands, commandsKeptMs),
    kept(topics.replies, repliesKeptMs),
    kept(topics.events, eventsKeptMs),
  ];
}

function keptIn(partitions: number, copies: number): (name: string, ms: number) => TopicSpec {
  const replicas = { copies, inSyncMin: Math.max(1, copies - 1) };
  return (name, ms) => ({ name, partitions, replicas, retention: { kind: 'at_least', ms } });
}
