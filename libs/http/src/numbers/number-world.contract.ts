import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { type AccountId, type NumberId, parseNumberId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import type { RouteWorld } from '../route-world.contract.js';

/** Adds a number for an account, and hands it over as the platform does. */
export async function addedNumber(world: RouteWorld, accountId: AccountId, number: string): Promise<NumberId> {
  const { id } = await world.given(world.post('inventory/numbers', { number, account_id: accountId }));
  const numberId = parseNumberId(String(id));
  invariant(numberId !== undefined, 'a number has an id');
  const [first] = await world.behind.store.readSubject(numberId, 1);
  invariant(first !== undefined, 'a number was added');
  const { data } = decodeRecorded(first);
  invariant(data.type === 'NumberAdded', 'a number was added');
  const { addedAtMs: _addedAtMs, ...allocated } = data;
  const ownNumber = await world.behind.vault.seal(accountId, number);
  await world.behind.dispatch({ ...allocated, ownNumber, type: 'ReceiveNumber' });
  return numberId;
}
