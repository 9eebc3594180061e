import type { ConsumedOffsets } from '@ringfence/ports/log/event-store';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import { nameOf } from '../checkers/evidence.js';
import type { SimulatedEvidence as Evidence } from './evidence.js';
import { isConsumed } from './simulated-event-store.js';
import { simulatedTopics } from './simulated-topics.js';

/** Checks that commands are decided once the faults stop, whatever happened before. */
export function servedInTheEnd({ servedInTheEnd: served }: Evidence): readonly string[] {
  return served ? [] : ['somebody was not served when everything was well again'];
}

/** Checks that everything is decided once the faults stop: nothing blocks a lane for ever. */
export function settledInTheEnd({ settled, commands, consumed }: Evidence): readonly string[] {
  if (settled) return [];
  const open = commands.filter(({ partition, offset }) => !isConsumed(stands(consumed, partition), offset));
  if (open.length === 0)
    return ['it does not settle: the topic of events, or a registry, does not catch up with the log'];
  const places = open.slice(0, 5).map(({ partition, offset }) => `${String(partition)}/${String(offset)}`);
  return [`it does not settle: ${String(open.length)} commands are not decided, ${places.join(' ')} among them`];
}

/**
 * Checks that no offset passes a message that has neither an outcome nor, once the committer received its answer, a
 * reply in flight.
 */
export function consumedIsDone({ committed, acknowledged, outcomes, sent, commands }: Evidence): readonly string[] {
  const kept = new Set(outcomes.map(nameOf));
  const stood = new Map<number, ConsumedOffsets>();
  /** Messages passed by a commit whose answer arrived, by place. */
  const passed = new Set<string>();
  const faults: string[] = [];
  for (const commit of committed) {
    // Without the answer to its commit a process decides again or has lost the lane: the client retries.
    const answers = acknowledged.has(commit.append);
    for (const { lane, ...now } of commit.consumed) {
      const before = stood.get(lane) ?? nothing;
      stood.set(lane, now);
      const messages = commands.filter(({ partition }) => partition === lane);
      for (const { offset } of messages)
        if (passed.has(placeOf(lane, offset)) && !isConsumed(now, offset))
          faults.push(`${commit.process} sets ${placeOf(lane, offset)} back`);
      if (!answers) continue;
      for (const message of messages) {
        if (!isConsumed(now, message.offset) || isConsumed(before, message.offset)) continue;
        passed.add(placeOf(lane, message.offset));
        if (kept.has(commandIn(message)) || isSent(sent, commit, message)) continue;
        faults.push(`${commit.process} passes ${placeOf(lane, message.offset)}, which has no outcome and no answer`);
      }
    }
  }
  return faults;
}

const nothing: ConsumedOffsets = { next: 0n, above: [], transactions: [] };

function stands(consumed: Evidence['consumed'], partition: number): ConsumedOffsets {
  return [...consumed].find(([lane]) => lane === partition)?.[1] ?? nothing;
}

function placeOf(lane: number, offset: bigint): string {
  return `${String(lane)}/${String(offset)}`;
}

function commandIn({ headers }: BusMessage): string {
  return nameOf({ stream: headers['ce_subject'] ?? '', commandId: headers['ce_id'] ?? '' });
}

/**
 * Says whether this process answered the message, or whether it was forwarded before the commit marked it as consumed.
 */
function isSent(
  sent: Evidence['sent'],
  { process, order }: Evidence['committed'][number],
  { headers }: BusMessage,
): boolean {
  const [, correlation] = (headers['ce_replyto'] ?? '').split('.');
  return sent.some((each) => {
    if (each.process !== process) return false;
    if (each.topic === simulatedTopics.replies) return each.about === correlation;
    return each.order < order && each.about === (headers['ce_id'] ?? '');
  });
}
