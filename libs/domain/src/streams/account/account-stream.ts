import type { StreamModel } from '@ringfence/kernel/stream-model';
import { answeringKeyOf, isUnansweredCode } from '../../calls/called-app.js';
import { isCallRefusalCode } from '../../calls/refused-calls.js';
import type { DomainCommand } from '../../command.js';
import type { DomainEvent } from '../../domain-event.js';
import type { Refusal } from '../../refusals.js';
import { accountAuthorizationRefusal } from './account-authorization.js';
import { foreignToStream } from '../foreign-to-stream.js';
import { decideAccount, isAccountCommand } from './account-decide.js';
import { evolveAccount, unopenedAccount } from './account-evolve.js';
import { afterUnauthorized, withRefusalCounted, withRejectionCounted } from './account-refusals.js';
import { restoreAccount, snapshotAccount } from './account-snapshot.js';
import type { AccountState } from './account-state.js';
import { nextScheduled } from './due-queue.js';
import { postponeUnpaid } from './fire-timers.js';

export type { AccountStreamCommand } from './account-command.js';
export type { AccountStreamEvent } from './slice.js';

/**
 * Model of an account's stream: its keys, calls, money and limits are decided together. Commands and events of other
 * streams are a bug of ours, and reported.
 */
export const accountModel = {
  initialState: unopenedAccount,
  decide: decideAccount,
  evolve: evolveAccount,
  afterRefusal,
  evolveVersion: 14,
  nextDueMs: (state) => nextScheduled(state.timers)?.dueMs ?? null,
  snapshot: snapshotAccount,
  restore: restoreAccount,
  size: (state) =>
    state.calls.size +
    state.keys.size +
    state.numbers.size +
    state.ended.young.size +
    state.ended.old.size +
    state.erased.young.size +
    state.erased.old.size +
    state.webhookSecrets.size +
    state.voiceApps.size +
    state.ipLists.size +
    state.sipTrunks.size +
    state.refusals.size,
} satisfies StreamModel<AccountState, DomainCommand, DomainEvent, Refusal>;

function afterRefusal(command: DomainCommand, state: AccountState, refusal: Refusal): AccountState {
  if (!isAccountCommand(command)) return foreignToStream(command.type, 'an account');
  if (refusal.code === 'nothing_due' && command.type === 'ActOnTime') return postponeUnpaid(state, command);
  const { principal, nowMs } = command;
  switch (command.type) {
    case 'ActOnTime':
    case 'RecordCallProgress':
    case 'RecordDeliveryFailure':
    case 'RecordFlowReply':
    case 'RecordActionEnd':
    case 'RecordPlaybackEnd':
    case 'ReceiveNumber':
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
    case 'ReceiveCall': {
      if (isUnansweredCode(refusal.code))
        return withRejectionCounted(state, { presentedKeyId: null, code: refusal.code, count: 1 }, nowMs);
      const keyId = answeringKeyOf(command, state)?.keyId;
      return keyId === undefined || !isCallRefusalCode(refusal.code)
        ? state
        : withRefusalCounted(state, { keyId, code: refusal.code }, nowMs);
    }
    default:
      // The same codes are used for the presented key and for the key that a command acts on.
      return accountAuthorizationRefusal(command, state)?.code === refusal.code
        ? afterUnauthorized(command, state, refusal)
        : state;
  }
}
