import { unknownApp } from '../../apps/voice-app.decider.js';
import { unknownCall } from '../../calls/calls-view.js';
import { commandAuthority } from '../../command-authority.js';
import { privilegeEscalation } from '../../keys/key-grants.js';
import { type KeyLine, keyUnusableReason } from '../../keys/key-line.js';
import { type KeyUsages, lineOf } from '../../keys/key-usage.js';
import { acrossModes } from '../../mode-wall.js';
import { unknownNumber } from '../../numbers/number.decider.js';
import type { Refusal } from '../../refusals.js';
import type { ModeRule } from '../../shared/authorization.js';
import type { Mode, Principal } from '../../shared/values.js';
import { unknownIpList } from '../../trunks/ip-list.decider.js';
import { unknownTrunk } from '../../trunks/sip-trunk.decider.js';
import { unknownSecret } from '../../webhooks/webhook-secret.decider.js';
import type { KeyedCommand } from './account-command.js';
import type { AccountState } from './account-state.js';

/** Returns why the principal may not issue the command at all; undefined: it may. */
export function accountAuthorizationRefusal(command: KeyedCommand, state: AccountState): Refusal | undefined {
  const { principal } = command;
  if (principal.kind === 'operator') return undefined;
  if (principal.kind !== 'key') return forbidden('Only a key or an operator may do this.');
  const authority = commandAuthority[command.type];
  if (principal.home === 'platform')
    return authority.platform ? undefined : forbidden("An operator's key may not do this.");
  if (authority.account === null || authority.scope === null) return forbidden("Only an operator's key may do this.");
  const line = lineOf(state.keys, principal.keyId);
  return keyUnusableReason(line, authority.scope, command.nowMs) ?? escalation(line, command, authority.account, state);
}

/** Refuses a key that acts on the other mode, or that grants, to others or itself, more than it has. */
function escalation(line: KeyLine, command: KeyedCommand, rule: ModeRule, state: AccountState): Refusal | undefined {
  const [own] = line;
  if (own === undefined) return undefined;
  const across = acrossModes(rule, own.mode, targetMode(command, state));
  if (across !== undefined) return hidden(command) ?? across;
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

/** The refusal of a command about an object that does not exist for a key of the other mode. */
function hidden(command: KeyedCommand): Refusal | undefined {
  switch (command.type) {
    case 'HangUpCall':
    case 'MuteLeg':
    case 'SendDigits':
    case 'PlayMedia':
      return unknownCall(command.callId);
    case 'ChangeWebhookSecret':
    case 'DeleteWebhookSecret':
      return unknownSecret(command.secretId);
    case 'ChangeVoiceApp':
    case 'DeleteVoiceApp':
      return unknownApp(command.appId);
    case 'ChangeIpList':
    case 'DeleteIpList':
      return unknownIpList(command.ipListId);
    case 'ChangeSipTrunk':
    case 'DeleteSipTrunk':
      return unknownTrunk(command.trunkId);
    case 'RenameNumber':
      return unknownNumber(command.numberId);
    default:
      return undefined;
  }
}

/** The mode of the object that a command creates or acts on; null: it does not exist, or is the whole account. */
function targetMode(command: KeyedCommand, state: AccountState): Mode | null {
  switch (command.type) {
    case 'IssueKey':
    case 'RegisterSigningKey':
      return command.mode;
    case 'RotateKey':
    case 'ChangeKeyPolicy':
    case 'RevokeKey':
      return state.keys.get(command.keyId)?.key.mode ?? null;
    case 'RenameNumber':
      return state.numbers.get(command.numberId)?.mode ?? null;
    case 'HangUpCall':
    case 'MuteLeg':
    case 'SendDigits':
    case 'PlayMedia':
      return state.calls.get(command.callId)?.mode ?? null;
    case 'ChangeWebhookSecret':
    case 'DeleteWebhookSecret':
      return state.webhookSecrets.get(command.secretId)?.mode ?? null;
    case 'ChangeVoiceApp':
    case 'DeleteVoiceApp':
      return state.voiceApps.get(command.appId)?.mode ?? null;
    case 'ChangeIpList':
    case 'DeleteIpList':
      return state.ipLists.get(command.ipListId)?.mode ?? null;
    case 'ChangeSipTrunk':
    case 'DeleteSipTrunk':
      return state.sipTrunks.get(command.trunkId)?.mode ?? null;
    default:
      return null;
  }
}

/** The mode of what a principal creates: that of its key, of this account; undefined: it is no such key. */
export function creatorModeOf(principal: Principal, keys: KeyUsages): Mode | undefined {
  return principal.kind === 'key' && principal.home === 'account' ? keys.get(principal.keyId)?.key.mode : undefined;
}
export const noCreator = forbidden('It is created with a key of the account, whose mode it gets.');

function forbidden(detail: string): Refusal {
  return { code: 'presenter_not_allowed', detail };
}
