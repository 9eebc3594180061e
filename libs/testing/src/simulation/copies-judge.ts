import { commitsByPosition, nameOf } from '../checkers/evidence.js';
import type { SimulatedEvidence as Evidence } from './evidence.js';
import { simulatedTopics } from './simulated-topics.js';

/**
 * A refusal is the end of its record: when every asking for a command was told no, nothing comes of it afterwards, however often its records stand in
 * the topic. Askings are told apart by the place of their reply, which copies share.
 */
export function refusedRecordIsDone({ commands, said, events, committed }: Evidence): readonly string[] {
  const refusedAt = new Map<string, number>();
  for (const { topic, about, status, order } of said)
    if (topic === simulatedTopics.replies && status !== 'accepted' && !refusedAt.has(about))
      refusedAt.set(about, order);
  /** Of each command, when the last of its askings was refused; Infinity: one was not. */
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
