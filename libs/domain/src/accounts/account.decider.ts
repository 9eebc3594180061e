import { accept, refuse, type Decider, type Decision } from '@ringfence/kernel/decider';
import { isCurrency } from '../billing/currencies.js';
import { zoneFault } from '../limits/zone-fault.js';
import type { Refusal } from '../refusals.js';
import type { AccountLifeCommand, OpenAccount } from './account.commands.js';
import type { AccountLifeEvent, AccountSuspended } from './account.events.js';
import type { AccountStanding, OpenedAccount } from './account-standing.js';

/** A thousand million units of any currency; a larger amount is taken for a typing error. */
export const creditMicrosMax = 1_000_000_000_000_000n;

type AccountDecision = Decision<AccountLifeEvent, Refusal>;

/** Decider of an account's existence and its permission to place calls; other deciders handle its money and calls. */
export const accountDecider: Decider<AccountStanding, AccountLifeCommand, AccountLifeEvent, Refusal> = {
  initialState: { status: 'unopened' },
  decide,
  evolve,
};

function decide(command: AccountLifeCommand, state: AccountStanding): AccountDecision {
  if (command.type === 'OpenAccount') return open(command, state);
  if (state.status === 'unopened')
    return refuse({ code: 'account_unknown', detail: `There is no account ${command.accountId}.` });
  switch (command.type) {
    case 'VerifyAccount':
      if (state.status === 'suspended')
        return refuse({ code: 'account_suspended', detail: 'A suspended account cannot be verified.' });
      if (state.status === 'active')
        return refuse({ code: 'account_already_verified', detail: 'The account is verified.' });
      return accept({ type: 'AccountVerified', accountId: command.accountId, verifiedAtMs: command.nowMs });
    case 'SuspendAccount':
      if (state.status === 'suspended')
        return refuse({ code: 'account_already_suspended', detail: 'The account is suspended.' });
      return accept({
        type: 'AccountSuspended',
        accountId: command.accountId,
        reason: command.reason,
        suspendedAtMs: command.nowMs,
      });
    case 'ResumeAccount':
      if (state.status !== 'suspended')
        return refuse({ code: 'account_not_suspended', detail: 'The account is not suspended.' });
      return accept({
        type: 'AccountResumed',
        accountId: command.accountId,
        status: state.before,
        resumedAtMs: command.nowMs,
      });
    case 'AddCredit':
      if (command.amountMicros <= 0n || command.amountMicros > creditMicrosMax) {
        return refuse({
          code: 'amount_invalid',
          detail: `Credit is more than zero and at most ${creditMicrosMax} micro-units.`,
        });
      }
      return accept({
        type: 'CreditAdded',
        accountId: command.accountId,
        mode: command.mode,
        amountMicros: command.amountMicros,
        reference: command.reference,
        addedAtMs: command.nowMs,
      });
    case 'EraseSubject':
      if (command.subjectId === null)
        return refuse({ code: 'subject_unknown', detail: 'No such value of this account is known, or none any more.' });
      return accept({
        type: 'SubjectErased',
        accountId: command.accountId,
        subjectId: command.subjectId,
        erasedAtMs: command.nowMs,
      });
  }
}

function open(command: OpenAccount, state: AccountStanding): AccountDecision {
  const { accountId, name, currency, region, timeZone, pricedCurrencies, nowMs } = command;
  if (state.status !== 'unopened')
    return refuse({ code: 'account_already_open', detail: `Account ${accountId} is open.` });
  if (!isCurrency(currency))
    return refuse({ code: 'currency_invalid', detail: 'The currency is a code of ISO 4217, such as USD.' });
  if (!pricedCurrencies.includes(currency)) {
    const priced = pricedCurrencies.length === 0 ? 'none is' : `there are: ${pricedCurrencies.join(', ')}`;
    return refuse({ code: 'currency_without_deck', detail: `No rate deck in ${currency} is in force; ${priced}.` });
  }
  const fault = zoneFault(command);
  if (fault !== undefined) return refuse(fault);
  return accept({ type: 'AccountOpened', accountId, name, currency, region, timeZone, openedAtMs: nowMs });
}

function evolve(state: AccountStanding, event: AccountLifeEvent): AccountStanding {
  switch (event.type) {
    case 'AccountOpened':
      return { status: 'unverified', accountId: event.accountId, currency: event.currency };
    case 'AccountVerified':
      return state.status === 'unverified' ? { ...state, status: 'active' } : state;
    case 'AccountSuspended':
      return state.status === 'unopened' || state.status === 'suspended' ? state : suspended(state, event);
    case 'AccountResumed':
      return state.status === 'suspended' ? resumed(state, event.status) : state;
    case 'CreditAdded':
    case 'SubjectErased':
      return state;
  }
}

function suspended(
  { accountId, currency, status: before }: OpenedAccount & { readonly status: 'unverified' | 'active' },
  { reason, suspendedAtMs }: AccountSuspended,
): AccountStanding {
  return { accountId, currency, status: 'suspended', before, reason, suspendedAtMs };
}

function resumed({ accountId, currency }: OpenedAccount, status: 'unverified' | 'active'): AccountStanding {
  return { accountId, currency, status };
}
