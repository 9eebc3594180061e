import type { EventStore } from '@ringfence/ports/log/event-store';
import type { CommandOutcome, SubmittedCommand } from '@ringfence/commands/command-dispatcher';

/**
 * Erasures of one subject that are read. There is only one, except in logs of releases that recorded every request.
 */
const erasuresLookedAtMax = 100;

/**
 * Returns the outcome of an erasure. If the subject was erased before, under any id, this is the first erasure, at the
 * position of its event.
 * @param outcome the outcome from the lane, after its fence, so that the log may be read
 * @throws Failure `event_store_unavailable` (retryable)
 */
export async function orFirstErasure(
  outcome: CommandOutcome,
  { stream, result }: Pick<SubmittedCommand, 'stream' | 'result'>,
  store: Pick<EventStore, 'readSubject'>,
): Promise<CommandOutcome> {
  const { subject_id: subjectId } = result;
  if (outcome.accepted || outcome.refusal.code !== 'subject_unknown' || typeof subjectId !== 'string') return outcome;
  const erasures = await store.readSubject(subjectId, erasuresLookedAtMax);
  const first = erasures.find((event) => event.stream === stream);
  return first === undefined ? outcome : { accepted: true, position: first.position, result, replayed: true };
}
