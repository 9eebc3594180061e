import { commitsByPosition, nameOf } from '../checkers/evidence.js';
import type { SimulatedEvidence as Evidence } from './evidence.js';
import { simulatedTopics } from './simulated-topics.js';

/**
 * Checks that a refusal is final for its record: when every request for a command was refused, it has no effect
 * afterwards, however often its records are in the topic. Requests are distinguished by their reply address, which
 * duplicates share.
 */
export function refusedRecordIsDone({ commands, sent, events, committed }: Evidence): readonly string[] {
  const refusedAt = new Map<string, number>();
  for (const { topic, about, status, order } of sent)
    if (topic === simulatedTopics.replies && status !== 'accepted' && !refusedAt.has(about))
      refusedAt.set(about, order);
  /** Moment of the last refusal of each command's requests; Infinity: at least one was not refused. */
  const allRefusedAt = new Map<string, number>();
  for (const { headers } of commands) {
    const name = nameOf({ stream: headers['ce_subject'] ?? '', commandId: headers['ce_id'] ?? '' });
    const [, correlation = ''] = (headers['ce_replyto'] ?? '').split('.');
    const order = refusedAt.get(correlation) ?? Number.POSITIVE_INFINITY;
    allRefusedAt.set(name, Math.max(allRefusedAt.get(name) ?? 0, order));
  }
  const commitAt = commitsByPosition(committed);
  const late = events.filter((event) => {
    if (event.issuedBy.kind === 'timer') return false;
    return (commitAt(event.position)?.order ?? 0) > (allRefusedAt.get(nameOf(event)) ?? Number.POSITIVE_INFINITY);
  });
  return [...new Set(late.map(nameOf))].map((name) => `${name} was refused to all who asked, and then a copy was done`);
}
