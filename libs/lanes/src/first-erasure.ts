import type { EventStore } from '@ringfence/ports/log/event-store';
import type { CommandOutcome, SubmittedCommand } from '@ringfence/commands/command-dispatcher';

/**
 * Events about one subject that are looked at; there is one erasure of it, and more of releases that recorded every one
 * asked for.
 */
const erasuresLookedAtMax = 100;

/**
 * Returns the outcome of an erasure: if the subject was erased before, under whatever id, that is its outcome, at the
 * position of the first event.
 * @param outcome the lane's, after its fence: the log may be read by now
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
