import { type Decision, refuse } from '@ringfence/kernel/decider';
import type { WebhookSecretId } from '@ringfence/kernel/ids';
import type { AppCommand } from '../../apps/voice-app.commands.js';
import { changeApp, createApp, deleteApp } from '../../apps/voice-app.decider.js';
import type { AppEvent } from '../../apps/voice-app.events.js';
import type { Refusal } from '../../refusals.js';
import { creatorModeOf, noCreator } from './account-authorization.js';
import type { AccountState } from './account-state.js';

/** Decides a command about an app of the account, whose secret has to be one of the account's. */
export function decideApp(
  command: AppCommand,
  { standing, keys, voiceApps, webhookSecrets }: AccountState,
): Decision<AppEvent, Refusal> {
  if (standing.status === 'unopened') return refuse({ code: 'account_unknown', detail: 'There is no such account.' });
  const secretMode = (secretId: WebhookSecretId) => webhookSecrets.get(secretId)?.mode;
  switch (command.type) {
    case 'CreateVoiceApp': {
      const mode = creatorModeOf(command.principal, keys);
      return mode === undefined ? refuse(noCreator) : createApp(command, mode, voiceApps, secretMode);
    }
    case 'ChangeVoiceApp':
      return changeApp(command, voiceApps, secretMode);
    case 'DeleteVoiceApp':
      return deleteApp(command, voiceApps);
  }
}
