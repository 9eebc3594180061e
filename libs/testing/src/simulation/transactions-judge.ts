import type { BusMessage } from '@ringfence/ports/message-bus/message';
import { nameOf } from '../checkers/evidence.js';
import type { SimulatedEvidence as Evidence } from './evidence.js';
import { simulatedTopics } from './simulated-topics.js';

/** Checks that a command in a transaction is decided if and only if the transaction is committed. */
export function committedCounts({
  settled,
  transactional,
  commands,
  outcomes,
  events,
  sent,
}: Evidence): readonly string[] {
  const named = new Set([...outcomes, ...events].map(nameOf));
  const replied = new Set(sent.flatMap(({ topic, about }) => (topic === simulatedTopics.replies ? about : [])));
  const standsOutside = new Set(commands.map(correlationOf));
  return transactional.flatMap(({ message, fate }) => {
    const name = nameIn(message);
    const correlation = correlationOf(message);
    const isDecided = named.has(name) || replied.has(correlation);
    if (fate === 'aborted' && (isDecided || standsOutside.has(correlation)))
      return `${name} was in a transaction that was aborted, and counted`;
    if (fate === 'committed' && settled && !isDecided)
      return `${name} was in a transaction that was committed, and was never decided`;
    return [];
  });
}

function nameIn({ headers }: BusMessage): string {
  return nameOf({ stream: headers['ce_subject'] ?? '', commandId: headers['ce_id'] ?? '' });
}

function correlationOf({ headers }: BusMessage): string {
  const [, correlation = ''] = (headers['ce_replyto'] ?? '').split('.');
  return correlation;
}
