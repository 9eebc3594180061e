import type { TopicSpec } from './topic-spec.js';

/** The platform's topics, by what they carry. */
export type Topics = {
  /** Wishes, by lane: the partition is the lane of the account. */
  readonly commands: string;
  /** What became of them, by asker. */
  readonly replies: string;
  /** The log's events, keyed by account. */
  readonly events: string;
  /** What could not be read as a command, with the reason. */
  readonly deadLetters: string;
};

/** What all of a cluster's topics begin with. */
export const topicPrefixDefault = 'ringfence';

export function topicsOf(prefix: string): Topics {
  return {
    commands: `${prefix}.commands`,
    replies: `${prefix}.replies`,
    events: `${prefix}.events`,
    deadLetters: `${prefix}.commands.dlq`,
  };
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How long a command stands in its topic: one that was issued before that is refused, for nobody could tell any more whether it was decided. */
export const commandsKeptMs = 7 * dayMs;
export const repliesKeptMs = hourMs;
export const eventsKeptMs = 30 * dayMs;
export const deadLettersKeptMs = 90 * dayMs;

/** @param copies of each partition: how many brokers hold it; a message is acknowledged when all but one of three have it */
export function topicSpecs(topics: Topics, laneCount: number, copies: number): readonly TopicSpec[] {
  const replicas = { copies, inSyncMin: Math.max(1, copies - 1) };
  const kept = (name: string, ms: number): TopicSpec => ({
    name,
    partitions: laneCount,
    replicas,
    retention: { kind: 'at_least', ms },
  });
  return [
    kept(topics.commands, commandsKeptMs),
    kept(topics.replies, repliesKeptMs),
    kept(topics.events, eventsKeptMs),
    kept(topics.deadLetters, deadLettersKeptMs),
  ];
}
