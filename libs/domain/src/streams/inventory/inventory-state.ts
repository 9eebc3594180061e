import type { AccountId, NumberId, SubjectId } from '@ringfence/kernel/ids';
import { Map as ImmutableMap } from 'immutable';
import type { NumberAdded, NumberReleased } from '../../inventory/inventory.events.js';
import type { Allocation } from '../../inventory/inventory.decider.js';
import type { RejectionSums } from '../../rejections/rejected-commands.js';

/** The allocations that have not ended, with two indexes over them. */
type Allocations = {
  readonly allocations: ImmutableMap<NumberId, Allocation>;
  /** The allocation of each number. */
  readonly holders: ImmutableMap<SubjectId, NumberId>;
  /** Numbers of each account; an account without any has no entry. */
  readonly counts: ImmutableMap<AccountId, number>;
};
export type InventoryState = Allocations & { readonly rejections: RejectionSums };

export const noAllocations: Allocations = {
  allocations: ImmutableMap(),
  holders: ImmutableMap(),
  counts: ImmutableMap(),
};

export function allocated(
  before: Allocations,
  { numberId, accountId, mode, number }: Pick<NumberAdded, 'numberId' | 'accountId' | 'mode' | 'number'>,
): Allocations {
  return withAllocation(before, { numberId, accountId, mode, subjectId: number.subjectId });
}

export function withAllocation({ allocations, holders, counts }: Allocations, added: Allocation): Allocations {
  const { numberId, accountId, subjectId } = added;
  return {
    allocations: allocations.set(numberId, added),
    holders: holders.set(subjectId, numberId),
    counts: counts.update(accountId, 0, (count) => count + 1),
  };
}

export function released({ allocations, holders, counts }: Allocations, event: NumberReleased): Partial<Allocations> {
  const ended = allocations.get(event.numberId);
  if (ended === undefined) return {};
  const { accountId, subjectId } = ended;
  const left = (counts.get(accountId) ?? 1) - 1;
  return {
    allocations: allocations.delete(event.numberId),
    holders: holders.delete(subjectId),
    counts: left === 0 ? counts.delete(accountId) : counts.set(accountId, left),
  };
}
