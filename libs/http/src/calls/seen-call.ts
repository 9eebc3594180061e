import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { EventStore, RecordedEvent } from '@ringfence/ports/log/event-store';
import type { CallId } from '@ringfence/kernel/ids';
import type { Caller } from '../edge/access.js';

/**
 * Finds the first event of a call, if the caller may see the call. Another account's call takes as long as one that
 * does not exist, so that response times do not reveal which ids exist.
 */
export async function firstOfSeenCall(
  store: Pick<EventStore, 'readSubject'>,
  { accountId, mode }: Pick<Caller, 'accountId' | 'mode'>,
  callId: CallId,
): Promise<RecordedEvent | undefined> {
  const [first] = await store.readSubject(callId, 1);
  if (first === undefined || (accountId !== null && first.stream !== accountId)) return undefined;
  return mode === null || decodeRecorded(first).mode === mode ? first : undefined;
}
