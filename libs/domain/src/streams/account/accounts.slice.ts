import type { SubjectId } from '@ringfence/kernel/ids';
import { Set as ImmutableSet } from 'immutable';
import { accountDecider } from '../../accounts/account.decider.js';
import type { AccountLifeEvent, SubjectErased } from '../../accounts/account.events.js';
import type { AccountStanding } from '../../accounts/account-standing.js';
import { remembered, type Generations } from '../../shared/generations.js';
import type { Stored } from './slice.js';
import type { TimerKind } from './timer.js';

export type AccountsShare = {
  readonly standing: AccountStanding;
  /** Recently erased subjects, so that concurrent requests for one erasure yield one event. */
  readonly erased: Generations<SubjectId>;
};

export const initial: AccountsShare = {
  standing: accountDecider.initialState,
  erased: { young: ImmutableSet(), old: ImmutableSet() },
};

export function lifeChanged({ standing }: AccountsShare, event: AccountLifeEvent): Pick<AccountsShare, 'standing'> {
  return { standing: accountDecider.evolve(standing, event) };
}

export function subjectErased({ erased }: AccountsShare, { subjectId }: SubjectErased): Pick<AccountsShare, 'erased'> {
  return { erased: remembered(erased, subjectId) };
}

/** Pending hang-ups of a suspension. */
export const suspendedTimer: TimerKind<'suspended'> = {
  all: () => [{ kind: 'suspended' }],
  dueMs: ({ standing, modes }) =>
    standing.status === 'suspended' && modes.live.going + modes.test.going > 0 ? standing.suspendedAtMs : null,
};

export function restored({ erased_young: young, erased_old: old }: Stored): Pick<AccountsShare, 'erased'> {
  return { erased: { young: ImmutableSet(young), old: ImmutableSet(old) } };
}
