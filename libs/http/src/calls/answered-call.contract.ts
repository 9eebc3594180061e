import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { parseCallId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import type { IssuedKey, RouteWorld } from '../route-world.contract.js';

/** A call of an account of its own, in the lane alone: no read model shows it. */
export async function answeredCall(
  world: RouteWorld,
  { answered = true } = {},
): Promise<{ readonly key: IssuedKey; readonly callId: string; readonly legId: string }> {
  const key = await world.key(await world.account());
  const callId = parseCallId(await world.call(key));
  invariant(callId !== undefined, 'a call has an id');
  const [first] = await world.behind.store.readSubject(callId, 1);
  const placed = first === undefined ? undefined : decodeRecorded(first).data;
  invariant(placed?.type === 'CallPlaced', 'a call begins with its placing');
  const { accountId, attemptId, legId } = placed;
  if (answered)
    await world.behind.dispatch({
      ...{ type: 'RecordCallProgress', accountId, callId, attemptId },
      signal: { kind: 'answered' },
    });
  return { key, callId, legId };
}
