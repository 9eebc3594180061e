import type { AccountId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { type IssuedKey, type RouteWorld, sandboxCall } from '../route-world.contract.js';

/** A call with a status callback, whose first event is in the queue. */
type QueuedEvent = { readonly eventId: string; readonly callId: string; readonly key: IssuedKey };

/**
 * Places a call, and answers the statements on the queue as PostgreSQL would with its first event.
 * @param state of its delivery
 */
export async function queuedEvent(
  world: RouteWorld,
  state: 'pending' | 'delivered' | 'failed_permanent' = 'delivered',
  ofAccount?: AccountId,
): Promise<QueuedEvent> {
  const account = ofAccount ?? (await world.account());
  const key = await world.key(account);
  const callback = { ...sandboxCall, status_callback_url: 'https://example.com/status' };
  const { id: callId } = await world.given(world.post('voice/calls/initiate', callback, key.secret));
  const [placed] = await world.behind.store.readSubject(String(callId), 1);
  invariant(placed !== undefined, 'the call was placed');
  const { id: eventId } = JSON.parse(Buffer.from(placed.bytes).toString()) as { readonly id: string };
  const now = String(world.behind.clock.now());
  const row = {
    ...{
      position: String(placed.position),
      event_id: eventId,
      account_id: account,
      mode: 'test',
      call_id: callId,
      app_id: null,
    },
    ...{ event_name: 'call.initiated', api_version: '2026-06-01', sequence: 0, occurred_at_ms: now, queued_at_ms: now },
    ...{ state, attempts: 2, last_attempt_at_ms: now, last_status: 200, last_error: null },
    settled_at_ms: state === 'pending' ? null : now,
  };
  const attempt = {
    endpoint: 'status_callback',
    attempted_at_ms: now,
    status: 503,
    error: null,
    latency_ms: 12,
    round: 0,
  };
  world.behind.rowsOf = (sql, params) => {
    if (sql.startsWith('update')) return state === 'pending' ? [] : [row];
    if (sql.includes('webhook.attempt'))
      return [
        { ...attempt, attempt: 2, status: 200 },
        { ...attempt, attempt: 1 },
      ];
    if (!sql.includes('webhook.delivery')) return [];
    const isOwn = (given: unknown, own: unknown) => given === null || given === own;
    const [id, owner, mode] = sql.includes('event_id = $1') ? params : [eventId, ...params];
    return id === eventId && isOwn(owner, account) && isOwn(mode, 'test') ? [row] : [];
  };
  return { eventId, callId: String(callId), key };
}
