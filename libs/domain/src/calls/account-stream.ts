import { accept, acceptAll, refuse, type Decision } from '@ringfence/kernel/decider';
import type { StreamModel } from '@ringfence/kernel/stream-model';
import type { AccountCommand } from '../accounts/account.commands.js';
import { accountDecider } from '../accounts/account.decider.js';
import { commandAuthority } from '../command-authority.js';
import type { KeyCommand } from '../keys/key.commands.js';
import { keyDecider } from '../keys/key.decider.js';
import { unissuedKey, whyNot } from '../keys/key-state.js';
import { dueActionsMax, type ActOnTime } from '../platform/values.js';
import type { Refusal } from '../refusals.js';
import { dueBy, evolveAccount, refusalsDue, secondOf, type AccountStreamEvent } from './account-evolve.js';
import { restoreAccount, snapshotAccount } from './account-snapshot.js';
import { hasEnded, refusalKey, unopenedAccount, type AccountState } from './account-state.js';
import { actOnTime, exactDueMs, hangUpRequested } from './act-on-time.js';
import type { CallCommand, HangUpCall, RecordCallProgress } from './call.commands.js';
import { onSignal } from './call-life.js';
import { isCallRefusalCode, placeCall } from './place-call.js';

export type { AccountStreamEvent } from './account-evolve.js';
export type AccountStreamCommand = AccountCommand | KeyCommand | CallCommand | ActOnTime;
type AccountDecision = Decision<AccountStreamEvent, Refusal>;

/** Everything of one account decided together: keys, calls, money and limits are one stream. */
export const accountStream: StreamModel<AccountState, AccountStreamCommand, AccountStreamEvent, Refusal> = {
  initialState: unopenedAccount,
  decide,
  evolve: evolveAccount,
  afterRefusal,
  evolveVersion: 1,
  nextDueMs: (state) => state.dueMs,
  snapshot: snapshotAccount,
  restore: restoreAccount,
  size: (state) =>
    state.calls.size + state.keys.size + state.ended.young.size + state.ended.old.size + state.refusals.size,
};

function decide(command: AccountStreamCommand, state: AccountState): AccountDecision {
  switch (command.type) {
    case 'ActOnTime':
      return command.by.kind === 'timer' ? actOnTime(command, state) : notAllowed('Time acts through the lane alone.');
    case 'PlaceCall':
      return placeCall(command, state); // its own order of reasons begins with the key
    case 'RecordCallProgress':
      return command.by.kind === 'worker'
        ? recordProgress(command, state)
        : notAllowed('Only a media worker reports progress.');
    default:
      return mayNot(command, state) ?? decideAllowed(command, state);
  }
}

type KeyedCommand = AccountCommand | KeyCommand | HangUpCall;

/** Why the presenter may not have its wish at all. */
function mayNot(command: KeyedCommand, state: AccountState): AccountDecision | undefined {
  const { by } = command;
  if (by.kind === 'operator') return undefined;
  if (by.kind !== 'key') return notAllowed('Only a key or an operator may wish for this.');
  const authority = commandAuthority[command.type];
  if (by.home === 'platform')
    return authority.platform ? undefined : notAllowed("An operator's key may not wish for this.");
  if (!authority.account || authority.scope === null) return notAllowed("Only an operator's key may wish for this.");
  const code = whyNot(state.keys.get(by.keyId)?.key ?? unissuedKey, authority.scope, command.nowMs);
  if (code !== undefined)
    return refuse({
      code,
      detail: `The presented key cannot be used for this: it needs to be in force and have ${authority.scope}.`,
    });
  return escalation(command, state);
}

/** A key never gives another, or itself, what it lacks. */
function escalation(command: KeyedCommand, state: AccountState): AccountDecision | undefined {
  if ((command.type !== 'IssueKey' && command.type !== 'ChangeKeyPolicy') || command.by.kind !== 'key')
    return undefined;
  const own = state.keys.get(command.by.keyId)?.key.policy.scopes ?? [];
  const lacking = command.policy.scopes.filter((scope) => !own.includes(scope));
  if (lacking.length === 0) return undefined;
  return refuse({
    code: 'scope_missing',
    detail: `A key can only hand on scopes it has; it lacks ${lacking.join(', ')}.`,
  });
}

function decideAllowed(command: KeyedCommand, state: AccountState): AccountDecision {
  switch (command.type) {
    case 'HangUpCall':
      return hangUp(command, state);
    case 'IssueKey':
    case 'RotateKey':
    case 'ChangeKeyPolicy':
    case 'RevokeKey':
      return decideKey(command, state);
    case 'SuspendAccount':
      return withHangUps(
        accountDecider.decide(command, state.standing),
        state,
        command.nowMs,
        () => true,
        'account_suspended',
      );
    case 'OpenAccount':
    case 'VerifyAccount':
    case 'AddCredit':
    case 'EraseSubject':
      return accountDecider.decide(command, state.standing);
  }
}

function decideKey(command: KeyCommand, state: AccountState): AccountDecision {
  const { standing } = state;
  if (standing.status === 'unopened') return refuse({ code: 'account_unknown', detail: 'There is no such account.' });
  if (command.accountId !== standing.accountId)
    return refuse({ code: 'account_mismatch', detail: 'The key belongs to another account.' });
  const use = state.keys.get(command.keyId);
  const decision = keyDecider.decide(command, use?.key ?? unissuedKey);
  if (!decision.accepted || command.type !== 'RevokeKey' || use === undefined) return decision;
  if ((command.onRevoke ?? use.key.policy.onRevoke) === 'drain') return decision;
  return withHangUps(decision, state, command.nowMs, (keyId) => keyId === command.keyId, 'key_revoked');
}

/** The decision, and the hang-ups that follow from it; those beyond one batch are due at once and done by the timer. */
function withHangUps(
  decision: AccountDecision,
  state: AccountState,
  nowMs: HangUpCall['nowMs'],
  concerns: (keyId: string) => boolean,
  reason: 'key_revoked' | 'account_suspended',
): AccountDecision {
  if (!decision.accepted) return decision;
  const events = [...decision.events];
  for (const call of state.calls.values()) {
    if (events.length > dueActionsMax) break;
    if (call.hangUp === null && concerns(call.authority.keyId)) events.push(hangUpRequested(call, reason, nowMs));
  }
  return acceptAll(events);
}

function hangUp(command: HangUpCall, state: AccountState): AccountDecision {
  const call = state.calls.get(command.callId);
  if (call === undefined) {
    return hasEnded(state, command.callId)
      ? refuse({ code: 'call_not_live', detail: `Call ${command.callId} is over.` })
      : refuse({ code: 'call_unknown', detail: `There is no live call ${command.callId} in this account.` });
  }
  if (command.legId !== null && command.legId !== call.legId) {
    return refuse({ code: 'leg_not_found', detail: `Call ${command.callId} has no leg ${command.legId}.` });
  }
  if (call.hangUp !== null)
    return refuse({ code: 'call_not_live', detail: `Call ${command.callId} is being hung up.` });
  return accept<AccountStreamEvent>(hangUpRequested(call, 'requested', command.nowMs));
}

function recordProgress(command: RecordCallProgress, state: AccountState): AccountDecision {
  const call = state.calls.get(command.callId);
  if (call === undefined) {
    return hasEnded(state, command.callId)
      ? refuse({ code: 'progress_already_recorded', detail: 'The call is over.' })
      : refuse({ code: 'call_unknown', detail: `There is no live call ${command.callId} in this account.` });
  }
  if (call.attemptId !== command.attemptId)
    return refuse({ code: 'attempt_mismatch', detail: 'The signal is of another attempt.' });
  const events = onSignal(call, command.signal, command.nowMs);
  if (events.length === 0)
    return refuse({ code: 'progress_already_recorded', detail: 'The call has come that far already.' });
  return acceptAll<AccountStreamEvent>(events);
}

function afterRefusal(command: AccountStreamCommand, state: AccountState, refusal: Refusal): AccountState {
  if (command.type === 'ActOnTime') return { ...state, dueMs: exactDueMs(state, command.nowMs) };
  if (command.type !== 'PlaceCall' || command.by.kind !== 'key' || !isCallRefusalCode(refusal.code)) return state;
  const name = refusalKey(command.by.keyId, refusal.code);
  const count = state.refusals.get(name);
  // The trace of this very refusal opened its second with a count of none; only the others are counted.
  if (count?.secondStartMs !== secondOf(command.nowMs)) return state;
  return dueBy(
    { ...state, refusals: state.refusals.set(name, { ...count, uncounted: count.uncounted + 1 }) },
    refusalsDue(count.secondStartMs),
  );
}

function notAllowed(detail: string): AccountDecision {
  return refuse({ code: 'presenter_not_allowed', detail });
}
