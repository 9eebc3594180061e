import { type Decision, refuse } from '@ringfence/kernel/decider';
import type { AppCommand } from '../../apps/voice-app.commands.js';
import { type AppSurroundings, changeApp, createApp, deleteApp } from '../../apps/voice-app.decider.js';
import type { AppEvent } from '../../apps/voice-app.events.js';
import { keyUnusableReason } from '../../keys/key-line.js';
import { lineOf } from '../../keys/key-usage.js';
import { missingNumber } from '../../numbers/number-assignment.js';
import type { Refusal } from '../../refusals.js';
import { creatorModeOf, noCreator } from './account-authorization.js';
import type { AccountState } from './account-state.js';
import { numberOn } from './decide-numbers.js';

/**
 * Decides a command about an app of the account, whose secret has to be one of the account's. An app that numbers are
 * assigned to cannot be deleted.
 */
export function decideApp(
  command: AppCommand,
  { standing, keys, voiceApps, webhookSecrets, numbers }: AccountState,
): Decision<AppEvent, Refusal> {
  if (standing.status === 'unopened') return refuse({ code: 'account_unknown', detail: 'There is no such account.' });
  const around: AppSurroundings = {
    secretMode: (secretId) => webhookSecrets.get(secretId)?.mode,
    answeringFault: (keyId, mode) => {
      const line = lineOf(keys, keyId);
      if (line[0]?.mode !== mode) return `there is no ${mode} key ${keyId}.`;
      return keyUnusableReason(line, 'calls:receive', command.nowMs)?.detail;
    },
    missingNumber: (numberIds, mode) => missingNumber(numberIds, mode, numbers),
  };
  switch (command.type) {
    case 'CreateVoiceApp': {
      const mode = creatorModeOf(command.principal, keys);
      return mode === undefined ? refuse(noCreator) : createApp(command, mode, voiceApps, around);
    }
    case 'ChangeVoiceApp':
      return changeApp(command, voiceApps, around);
    case 'DeleteVoiceApp': {
      const number = numberOn({ kind: 'voice_app', appId: command.appId }, numbers);
      return number === undefined
        ? deleteApp(command, voiceApps)
        : refuse({
            code: 'voice_app_in_use',
            detail: `Number ${number.numberId} is assigned to it: unassign it first.`,
          });
    }
  }
}
