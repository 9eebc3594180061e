import { accept, acceptAll, refuse, type Decision } from '@ringfence/kernel/decider';
import type { CallId } from '@ringfence/kernel/ids';
import type { StreamModel } from '@ringfence/kernel/stream-model';
import type { AccountCommand } from '../../accounts/account.commands.js';
import { accountDecider } from '../../accounts/account.decider.js';
import type { TurnAwayCommand } from '../../rejections/rejection.commands.js';
import { turnAway } from '../../rejections/report-rejection.js';
import { commandAuthority, type ModeRule } from '../../command-authority.js';
import type { KeyCommand, KeyLifeCommand } from '../../keys/key.commands.js';
import { privilegeEscalation, parentFor } from '../../keys/key-grants.js';
import { type KeyLine, strictestOf, whyEndedAbove, whyNotInLine } from '../../keys/key-line.js';
import { keyDecider } from '../../keys/key.decider.js';
import { unissuedKey } from '../../keys/key-state.js';
import { acrossModes } from '../../mode-wall.js';
import { dueActionsMax, type FireTimers, type Mode } from '../../shared/values.js';
import type { Refusal } from '../../refusals.js';
import { evolveAccount, type AccountStreamEvent } from './account-evolve.js';
import { restoreAccount, snapshotAccount } from './account-snapshot.js';
import { unopenedAccount, type AccountState } from './account-state.js';
import { lineOf } from '../../keys/key-usage.js';
import { remembers } from '../../shared/generations.js';
import { withLiveCalls, withRefusalCounted, withTurnedAwayCounted } from './account-timers.js';
import { fireTimers, hangUpRequested, hangUpsOf, postponeUnpaid } from './fire-timers.js';
import type { CallCommand, HangUpCall, RecordCallProgress } from '../../calls/call.commands.js';
import { onSignal } from '../../calls/call-life.js';
import { changeTimeZone } from './change-time-zone.js';
import { nextScheduled } from './due-queue.js';
import { placeCall } from '../../calls/place-call.js';
import { isCallRefusalCode } from '../../calls/refused-calls.js';
import { setAccountLimits } from './set-account-limits.js';
import { afterTurnedAway, turnedAway } from './turned-away.js';

export type { AccountStreamEvent } from './account-evolve.js';
export type AccountStreamCommand = AccountCommand | KeyCommand | CallCommand | TurnAwayCommand | FireTimers;
type AccountDecision = Decision<AccountStreamEvent, Refusal>;

/** Everything of one account decided together: keys, calls, money and limits are one stream. */
export const accountStream: StreamModel<AccountState, AccountStreamCommand, AccountStreamEvent, Refusal> = {
  initialState: unopenedAccount,
  decide,
  evolve: evolveAccount,
  afterRefusal,
  evolveVersion: 4,
  nextDueMs: (state) => nextScheduled(state.timers)?.dueMs ?? null,
  snapshot: snapshotAccount,
  restore: restoreAccount,
  size: (state) =>
    state.calls.size +
    state.keys.size +
    state.ended.young.size +
    state.ended.old.size +
    state.erased.young.size +
    state.erased.old.size +
    state.refusals.size,
};

function decide(command: AccountStreamCommand, state: AccountState): AccountDecision {
  switch (command.type) {
    case 'ActOnTime':
      return command.by.kind === 'timer' ? fireTimers(command, state) : notAllowed('Time acts through the lane alone.');
    case 'PlaceCall':
      return placeCall(command, state); // its own order of reasons begins with the key
    case 'RecordCallProgress':
      return command.by.kind === 'worker'
        ? recordProgress(command, state)
        : notAllowed('Only a media worker reports progress.');
    case 'TurnAwayCommand':
      return state.standing.status === 'unopened'
        ? refuse({ code: 'account_unknown', detail: 'There is no such account.' })
        : turnAway(command, state.turnedAway);
    default: {
      const refusal = authorizationRefusal(command, state);
      return refusal === undefined ? decideAllowed(command, state) : turnedAway(command, state, refusal);
    }
  }
}

type KeyedCommand = AccountCommand | KeyCommand | HangUpCall;

/** Why the presenter may not have its wish at all. */
function authorizationRefusal(command: KeyedCommand, state: AccountState): Refusal | undefined {
  const { by } = command;
  if (by.kind === 'operator') return undefined;
  if (by.kind !== 'key') return forbidden('Only a key or an operator may wish for this.');
  const authority = commandAuthority[command.type];
  if (by.home === 'platform')
    return authority.platform ? undefined : forbidden("An operator's key may not wish for this.");
  if (authority.account === null || authority.scope === null)
    return forbidden("Only an operator's key may wish for this.");
  const line = lineOf(state.keys, by.keyId);
  return whyNotInLine(line, authority.scope, command.nowMs) ?? escalation(line, command, authority.account, state);
}

/** A key never reaches across the modes, and never hands on, or gives itself, what it lacks. */
function escalation(line: KeyLine, command: KeyedCommand, rule: ModeRule, state: AccountState): Refusal | undefined {
  const [own] = line;
  if (own === undefined) return undefined;
  const across = acrossModes(rule, own.mode, targetMode(command, state));
  // What is on the other side of the wall is not there.
  if (across !== undefined) return command.type === 'HangUpCall' ? unknownCall(command.callId) : across;
  switch (command.type) {
    case 'IssueKey':
    case 'RegisterSigningKey':
    case 'RotateKey':
    case 'ChangeKeyPolicy':
    case 'RevokeKey':
      return privilegeEscalation(command, line, lineOf(state.keys, command.keyId));
    default:
      return undefined;
  }
}

/** The mode of what a command makes or acts on; null: of nothing that exists, or of the account as a whole. */
function targetMode(command: KeyedCommand, state: AccountState): Mode | null {
  switch (command.type) {
    case 'IssueKey':
    case 'RegisterSigningKey':
      return command.mode;
    case 'RotateKey':
    case 'ChangeKeyPolicy':
    case 'RevokeKey':
      return state.keys.get(command.keyId)?.key.mode ?? null;
    case 'HangUpCall':
      return state.calls.get(command.callId)?.mode ?? null;
    default:
      return null;
  }
}

function decideAllowed(command: KeyedCommand, state: AccountState): AccountDecision {
  switch (command.type) {
    case 'HangUpCall':
      return hangUp(command, state);
    case 'IssueKey':
    case 'RegisterSigningKey':
    case 'RotateKey':
    case 'ChangeKeyPolicy':
    case 'RevokeKey':
      return decideKey(command, state);
    case 'SuspendAccount':
      return withHangUps(accountDecider.decide(command, state.standing), () =>
        hangUpsOf(state.keys.values(), state, 'account_suspended', command.nowMs, dueActionsMax),
      );
    case 'SetAccountLimits':
      return setAccountLimits(command, state);
    case 'ChangeTimeZone':
      return changeTimeZone(command, state);
    case 'OpenAccount':
    case 'VerifyAccount':
    case 'ResumeAccount':
    case 'AddCredit':
      return accountDecider.decide(command, state.standing);
    case 'EraseSubject':
      if (command.subjectId !== null && remembers(state.erased, command.subjectId))
        return refuse({ code: 'subject_unknown', detail: 'The value was erased before.' });
      return accountDecider.decide(command, state.standing);
  }
}

function decideKey(command: KeyCommand, state: AccountState): AccountDecision {
  const { standing } = state;
  if (standing.status === 'unopened') return refuse({ code: 'account_unknown', detail: 'There is no such account.' });
  if (command.accountId !== standing.accountId)
    return refuse({ code: 'account_mismatch', detail: 'The key belongs to another account.' });
  const line = lineOf(state.keys, command.keyId);
  const ended =
    command.type === 'RotateKey' || command.type === 'ChangeKeyPolicy' ? endedAbove(line, command) : undefined;
  if (ended !== undefined) return refuse(ended);
  const life = lifeCommand(command, line, state);
  const decision = keyDecider.decide(life, line[0] ?? unissuedKey);
  if (life.type !== 'RevokeKey') return decision;
  const family = withLiveCalls(state.keys, command.keyId, life.onRevoke === 'hangup');
  return withHangUps(decision, () => hangUpsOf(family, state, 'key_revoked', command.nowMs, dueActionsMax));
}

/** What a key ended with stays ended: there is nothing in it to change. */
function endedAbove(line: KeyLine, { keyId, nowMs }: KeyCommand): Refusal | undefined {
  const fault = whyEndedAbove(line, nowMs);
  if (fault === undefined) return undefined;
  return fault.code === 'key_revoked'
    ? { code: 'key_already_revoked', detail: `Key ${keyId} ended with its parent, which was revoked.` }
    : fault;
}

/** The command with what only the stream can say: whose child a new key is, and how strict the line of a revoked one is. */
function lifeCommand(command: KeyCommand, line: KeyLine, state: AccountState): KeyLifeCommand {
  switch (command.type) {
    case 'IssueKey':
    case 'RegisterSigningKey': {
      const { by } = command;
      const isOwn = by.kind === 'key' && by.home === 'account';
      return { ...command, parentKeyId: isOwn ? parentFor(lineOf(state.keys, by.keyId)) : null };
    }
    case 'RevokeKey':
      return { ...command, onRevoke: command.onRevoke ?? strictestOf(line) };
    default:
      return command;
  }
}

/**
 * The decision with the hang-ups that follow from it; those beyond one batch are due at once and done by the timer. They stand before the decision's own
 * event: a key may revoke itself, and nothing that a key issued stands behind its KeyRevoked.
 */
function withHangUps(decision: AccountDecision, hangUps: () => readonly AccountStreamEvent[]): AccountDecision {
  return decision.accepted ? acceptAll([...hangUps(), ...decision.events]) : decision;
}

function hangUp(command: HangUpCall, state: AccountState): AccountDecision {
  const call = state.calls.get(command.callId);
  if (call === undefined) {
    return remembers(state.ended, command.callId)
      ? refuse({ code: 'call_not_live', detail: `Call ${command.callId} is over.` })
      : refuse(unknownCall(command.callId));
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
    return remembers(state.ended, command.callId)
      ? refuse({ code: 'progress_already_recorded', detail: 'The call is over.' })
      : refuse(unknownCall(command.callId));
  }
  if (call.attemptId !== command.attemptId)
    return refuse({ code: 'attempt_mismatch', detail: 'The signal is of another attempt.' });
  const events = onSignal(call, command.signal, command.nowMs);
  if (events.length === 0)
    return refuse({ code: 'progress_already_recorded', detail: 'The call has come that far already.' });
  return acceptAll<AccountStreamEvent>(events);
}

function afterRefusal(command: AccountStreamCommand, state: AccountState, refusal: Refusal): AccountState {
  if (refusal.code === 'nothing_due' && command.type === 'ActOnTime') return postponeUnpaid(state, command);
  const { by, nowMs } = command;
  switch (command.type) {
    case 'ActOnTime':
    case 'RecordCallProgress':
      return state;
    case 'TurnAwayCommand':
      return refusal.code === 'turning_away_counted' ? withTurnedAwayCounted(state, command, nowMs) : state;
    case 'PlaceCall': {
      const key = by.kind === 'key' && by.home === 'account' ? state.keys.get(by.keyId)?.key : undefined;
      if (key === undefined) return afterTurnedAway(command, state, refusal);
      if (!isCallRefusalCode(refusal.code)) return state;
      return withRefusalCounted(state, { keyId: key.keyId, code: refusal.code }, nowMs);
    }
    default:
      // The same codes are given for what a key may not do and for the key that it would do it to.
      return authorizationRefusal(command, state)?.code === refusal.code
        ? afterTurnedAway(command, state, refusal)
        : state;
  }
}

function unknownCall(callId: CallId): Refusal {
  return { code: 'call_unknown', detail: `There is no live call ${callId} in this account.` };
}

function notAllowed(detail: string): AccountDecision {
  return refuse(forbidden(detail));
}

function forbidden(detail: string): Refusal {
  return { code: 'presenter_not_allowed', detail };
}
