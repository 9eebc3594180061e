import { refuse, type Decision } from '@ringfence/kernel/decider';
import type { StreamModel } from '@ringfence/kernel/stream-model';
import type {
  AccountCommand,
  AccountLifeCommand,
  EraseSubject,
  SuspendAccount,
} from '../../accounts/account.commands.js';
import { accountDecider } from '../../accounts/account.decider.js';
import type { CallCommand } from '../../calls/call.commands.js';
import { hangUp, recordProgress } from '../../calls/call.decider.js';
import { placeCall } from '../../calls/place-call.js';
import { isCallRefusalCode } from '../../calls/refused-calls.js';
import type { KeyCommand } from '../../keys/key.commands.js';
import type { Refusal } from '../../refusals.js';
import type { TurnAwayCommand } from '../../rejections/rejection.commands.js';
import { recordRejection } from '../../rejections/report-rejection.js';
import { remembers } from '../../shared/generations.js';
import { dueActionsMax, type FireTimers } from '../../shared/values.js';
import { authorizationRefusal, type KeyedCommand } from './account-authorization.js';
import { evolveAccount, unopenedAccount } from './account-evolve.js';
import { afterUnauthorized, unauthorized, withRefusalCounted, withRejectionCounted } from './account-refusals.js';
import { restoreAccount, snapshotAccount } from './account-snapshot.js';
import type { AccountState } from './account-state.js';
import { changeTimeZone } from './change-time-zone.js';
import { decideKey } from './decide-key.js';
import { nextScheduled } from './due-queue.js';
import { fireTimers, postponeUnpaid } from './fire-timers.js';
import { hangUpsOf, withHangUps } from './hang-ups.js';
import { setAccountLimits } from './set-account-limits.js';
import type { AccountStreamEvent } from './slice.js';

export type { AccountStreamEvent } from './slice.js';
export type AccountStreamCommand = AccountCommand | KeyCommand | CallCommand | TurnAwayCommand | FireTimers;
type CommandType = AccountStreamCommand['type'];
type Fields = { readonly [Command in AccountStreamCommand as Command['type']]: Omit<Command, 'type'> };
type CommandOf<Type extends CommandType> = {
  readonly [Each in Type]: { readonly type: Each } & Fields[Each];
}[Type];
type AccountDecision = Decision<AccountStreamEvent, Refusal>;
type Decide<Command> = (command: Command, state: AccountState) => AccountDecision;

/** Everything of one account decided together: keys, calls, money and limits are one stream. */
export const accountModel: StreamModel<AccountState, AccountStreamCommand, AccountStreamEvent, Refusal> = {
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

/** Who decides a command. A new one does not compile until that is said. */
const decisions: { readonly [Type in CommandType]: Decide<CommandOf<Type>> } = {
  PlaceCall: placeCall, // its own order of reasons begins with the key
  RecordCallProgress: recordProgress,
  HangUpCall: authorized(hangUp),
  IssueKey: authorized(decideKey),
  RegisterSigningKey: authorized(decideKey),
  RotateKey: authorized(decideKey),
  ChangeKeyPolicy: authorized(decideKey),
  RevokeKey: authorized(decideKey),
  OpenAccount: authorized(decideLife),
  VerifyAccount: authorized(decideLife),
  SuspendAccount: authorized(suspend),
  ResumeAccount: authorized(decideLife),
  AddCredit: authorized(decideLife),
  SetAccountLimits: authorized(setAccountLimits),
  ChangeTimeZone: authorized(changeTimeZone),
  EraseSubject: authorized(eraseSubject),
  TurnAwayCommand: reportRejection,
  ActOnTime: actOnTime,
};

/** The types of command that this stream decides. */
export const accountCommandTypes: ReadonlySet<string> = new Set(Object.keys(decisions));

function decide<Type extends CommandType>(command: CommandOf<Type>, state: AccountState): AccountDecision {
  const decision: Decide<CommandOf<Type>> = decisions[command.type];
  return decision(command, state);
}

/** Decides what the principal has the authority for; the rest is refused, and recorded. */
function authorized<Command extends KeyedCommand>(decideAllowed: Decide<Command>): Decide<Command> {
  return (command, state) => {
    const refusal = authorizationRefusal(command, state);
    return refusal === undefined ? decideAllowed(command, state) : unauthorized(command, state, refusal);
  };
}

function decideLife(command: AccountLifeCommand, { standing }: AccountState): AccountDecision {
  return accountDecider.decide(command, standing);
}

function suspend(command: SuspendAccount, state: AccountState): AccountDecision {
  return withHangUps(decideLife(command, state), () =>
    hangUpsOf(state.keys.values(), state, 'account_suspended', command.nowMs, dueActionsMax),
  );
}

function eraseSubject(command: EraseSubject, state: AccountState): AccountDecision {
  if (command.subjectId !== null && remembers(state.erased, command.subjectId))
    return refuse({ code: 'subject_unknown', detail: 'The value was erased before.' });
  return decideLife(command, state);
}

function reportRejection(
  command: TurnAwayCommand,
  { standing, rejections: turnedAway }: AccountState,
): AccountDecision {
  return standing.status === 'unopened'
    ? refuse({ code: 'account_unknown', detail: 'There is no such account.' })
    : recordRejection(command, turnedAway);
}

function actOnTime(command: FireTimers, state: AccountState): AccountDecision {
  return command.principal.kind === 'timer'
    ? fireTimers(command, state)
    : refuse({ code: 'presenter_not_allowed', detail: 'Time acts through the lane alone.' });
}

function afterRefusal(command: AccountStreamCommand, state: AccountState, refusal: Refusal): AccountState {
  if (refusal.code === 'nothing_due' && command.type === 'ActOnTime') return postponeUnpaid(state, command);
  const { principal, nowMs } = command;
  switch (command.type) {
    case 'ActOnTime':
    case 'RecordCallProgress':
      return state;
    case 'TurnAwayCommand':
      return refusal.code === 'turning_away_counted' ? withRejectionCounted(state, command, nowMs) : state;
    case 'PlaceCall': {
      const key =
        principal.kind === 'key' && principal.home === 'account' ? state.keys.get(principal.keyId)?.key : undefined;
      if (key === undefined) return afterUnauthorized(command, state, refusal);
      if (!isCallRefusalCode(refusal.code)) return state;
      return withRefusalCounted(state, { keyId: key.keyId, code: refusal.code }, nowMs);
    }
    default:
      // The same codes are given for what a key may not do and for the key that it would do it to.
      return authorizationRefusal(command, state)?.code === refusal.code
        ? afterUnauthorized(command, state, refusal)
        : state;
  }
}
