import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { Parents } from '../checkers/reference-lines.js';
import { topicRecordOf } from '../checkers/topic-judge.js';
import { simulatedTopics } from './simulated-topics.js';
import type { Run } from './simulation.js';

/** Situations that the runs together must have covered; otherwise they would prove nothing. */
export const situations = [
  'killed',
  'stopped',
  'paused',
  'clock set forward',
  'clock set back',
  'clock gone',
  'clock taken_over',
  'shares change',
  'failing relays',
  'relay replaced',
  'records of a replaced relay behind those of its successor',
  'a duplicate of an event in its topic',
  'a registry that follows the topic',
  'a registry that goes back to the log',
  'a commit whose answer was lost',
  'a lane taken from a living owner',
  'offsets consumed above an open one',
  'a command decided behind an open transaction',
  'a transaction that was committed',
  'a transaction that was aborted',
  'a duplicate of a command in its topic',
  'a dead letter',
  'a command passed on to its lane',
  'an earlier outcome given again',
  'a key rejected by a stale registry',
  'a revoked key rejected',
  'accepted',
  'lines_exhausted',
  'a child key issued',
  'a call of a child key',
  'limits of an account set',
  'lines of an account exhausted',
  'the rate of an account met',
  'the daily spend of an account met',
  'a policy changed by an operator',
  'a policy changed by a key',
  'the time zone of an account changed',
  'an account suspended',
  'an account resumed',
  'account_suspended',
  'presenter_not_allowed',
  'key_cap_reached',
  'rate_limited',
  'daily_spend_exceeded',
  'balance_insufficient',
  'key_revoked',
  'deadline_passed',
  'call_not_live',
] as const;

/** Yields the situations that this run covered. */
export function* covered(run: Run): Generator<string> {
  yield* coveredByTheFeed(run);
  const { recording, cluster } = run;
  for (const { what } of recording.of('fault')) yield what;
  for (const { code } of recording.of('rejected')) {
    if (code === 'registry_stale') yield 'a key rejected by a stale registry';
    if (code === 'revoked') yield 'a revoked key rejected';
  }
  for (const { outcome } of recording.of('answered')) {
    yield outcome.accepted ? 'accepted' : outcome.refusal.code;
    const limit = outcome.accepted ? undefined : outcome.refusal.limit?.name;
    if (limit === 'account_lines') yield 'lines of an account exhausted';
    if (limit === 'account_daily_spend_micros') yield 'the daily spend of an account met';
    if (limit === 'account_calls_per_second') yield 'the rate of an account met';
    if (outcome.replayed) yield 'an earlier outcome given again';
  }
  for (const { what } of recording.of('error')) if (what.startsWith('lost ')) yield 'a lane taken from a living owner';
  const acknowledged = new Set(recording.of('acknowledged').map(({ append }) => append));
  for (const { append, consumed } of recording.of('committed')) {
    if (!acknowledged.has(append)) yield 'a commit whose answer was lost';
    if (consumed.some(({ above }) => above.length > 0)) yield 'offsets consumed above an open one';
    if (consumed.some(({ transactions }) => transactions.some(({ end }) => end === null)))
      yield 'a command decided behind an open transaction';
  }
  for (const { fate } of cluster.broker.topics.transactional(simulatedTopics.commands))
    if (fate !== 'open') yield `a transaction that was ${fate}`;
  if (cluster.messagesIn('deadLetters').length > 0) yield 'a dead letter';
  const parents = new Parents();
  for (const event of cluster.log.events.map(decodeRecorded)) {
    parents.apply(event);
    const { data, issuedBy } = event;
    if (data.type === 'KeyPolicyChanged')
      yield `a policy changed by ${issuedBy.kind === 'key' ? 'a key' : 'an operator'}`;
    if (data.type === 'AccountLimitsSet') yield 'limits of an account set';
    if (data.type === 'AccountTimeZoneChanged') yield 'the time zone of an account changed';
    if (data.type === 'AccountSuspended') yield 'an account suspended';
    if (data.type === 'AccountResumed') yield 'an account resumed';
    if (data.type === 'KeyIssued' && parents.isChild(data.keyId)) yield 'a child key issued';
    if (data.type === 'CallPlaced' && parents.isChild(data.keyId)) yield 'a call of a child key';
  }
  const correlations = new Map<string, number>();
  for (const { headers, partition } of cluster.messagesIn('commands')) {
    const correlation = headers['ce_replyto'] ?? '';
    const before = correlations.get(correlation);
    correlations.set(correlation, partition);
    if (before === undefined || correlation === '') continue;
    yield before === partition ? 'a duplicate of a command in its topic' : 'a command passed on to its lane';
  }
}

function* coveredByTheFeed({ recording, cluster }: Run): Generator<string> {
  const followedTopic = new Set<string>();
  for (const { process, from } of recording.of('follows')) {
    if (from === 'topic') {
      followedTopic.add(process);
      yield 'a registry that follows the topic';
    } else if (followedTopic.has(process)) yield 'a registry that goes back to the log';
  }
  const epochs = new Map<number, number>();
  const positions = new Set<number>();
  for (const record of cluster.messagesIn('events').map(topicRecordOf)) {
    const newest = epochs.get(record.partition) ?? 0;
    if (record.epoch < newest) yield 'records of a replaced relay behind those of its successor';
    epochs.set(record.partition, Math.max(newest, record.epoch));
    if (record.kind !== 'event') continue;
    if (positions.has(record.position)) yield 'a duplicate of an event in its topic';
    positions.add(record.position);
  }
}
