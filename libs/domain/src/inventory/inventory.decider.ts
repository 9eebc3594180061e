import { accept, refuse, type Decision } from '@ringfence/kernel/decider';
import type { AccountId, NumberId, SubjectId } from '@ringfence/kernel/ids';
import { faultDetail, numberCalled, unknownRange } from '../limits/called-number.js';
import type { Refusal } from '../refusals.js';
import type { Mode } from '../shared/values.js';
import type { AddNumber, ReleaseNumber } from './inventory.commands.js';
import type { InventoryEvent } from './inventory.events.js';

/** The most numbers that one account can have, those on their way to and from it counted. */
export const accountNumbersMax = 10_000;

/** An allocation that has not ended. */
export type Allocation = {
  readonly numberId: NumberId;
  readonly accountId: AccountId;
  /** The number itself: the same number is the same subject. */
  readonly subjectId: SubjectId;
  readonly mode: Mode;
};
type InventoryView = {
  readonly allocations: { readonly get: (numberId: NumberId) => Allocation | undefined };
  readonly holders: { readonly get: (subjectId: SubjectId) => NumberId | undefined };
  readonly counts: { readonly get: (accountId: AccountId) => number | undefined };
};
type InventoryDecision = Decision<InventoryEvent, Refusal>;

export function addNumber(command: AddNumber, { holders, counts }: InventoryView): InventoryDecision {
  const { numberId, accountId, number, locality, name, numberingPlan, nowMs } = command;
  const called = numberCalled(number.clear, numberingPlan, nowMs);
  if ('fault' in called) return refuse({ code: called.fault.code, detail: faultDetail(called.fault, 'number') });
  if (called.number.status === 'unknown') return refuse({ code: unknownRange.code, detail: unknownRange.detail });
  if (holders.get(number.sealed.subjectId) !== undefined)
    return refuse({ code: 'number_already_added', detail: 'An account has the number; it has to be withdrawn first.' });
  const used = counts.get(accountId) ?? 0;
  if (used >= accountNumbersMax)
    return refuse({
      code: 'numbers_exhausted',
      detail: `An account has at most ${String(accountNumbersMax)} numbers.`,
      limit: { name: 'account_numbers', max: String(accountNumbersMax), used: String(used) },
    });
  const { territory, kind } = called.number;
  return accept<InventoryEvent>({
    type: 'NumberAdded',
    numberId,
    accountId,
    mode: kind === 'sandbox' ? 'test' : 'live',
    number: number.sealed,
    territory,
    kind,
    locality,
    name,
    addedAtMs: nowMs,
  });
}

export function releaseNumber(command: ReleaseNumber, { allocations }: InventoryView): InventoryDecision {
  const { numberId, accountId, reason, nowMs, principal } = command;
  if (principal.kind !== 'worker')
    return refuse({ code: 'presenter_not_allowed', detail: 'Only the platform itself releases numbers.' });
  const allocation = allocations.get(numberId);
  if (allocation?.accountId !== accountId)
    return refuse({ code: 'number_unknown', detail: `The inventory has no number ${numberId} of this account.` });
  const { mode } = allocation;
  return accept<InventoryEvent>({ type: 'NumberReleased', numberId, accountId, mode, reason, releasedAtMs: nowMs });
}
