import { type Decision, refuse } from '@ringfence/kernel/decider';
import { appUsing, type VoiceApp } from '../../apps/voice-app.js';
import type { Refusal } from '../../refusals.js';
import type { WebhookCommand } from '../../webhooks/webhook.commands.js';
import type { WebhookEvent } from '../../webhooks/webhook.events.js';
import { changeSecret, createSecret, deleteSecret } from '../../webhooks/webhook-secret.decider.js';
import { creatorModeOf, noCreator } from './account-authorization.js';
import type { AccountState } from './account-state.js';

/** Decides a command about a secret of the account. One that an app uses cannot be deleted. */
export function decideWebhook(
  command: WebhookCommand,
  { standing, keys, webhookSecrets, voiceApps }: AccountState,
): Decision<WebhookEvent, Refusal> {
  if (standing.status === 'unopened') return refuse({ code: 'account_unknown', detail: 'There is no such account.' });
  switch (command.type) {
    case 'CreateWebhookSecret': {
      const mode = creatorModeOf(command.principal, keys);
      return mode === undefined ? refuse(noCreator) : createSecret(command, mode, webhookSecrets);
    }
    case 'ChangeWebhookSecret':
      return changeSecret(command, webhookSecrets);
    case 'DeleteWebhookSecret': {
      const app = appUsing(voiceApps, command.secretId);
      return app === undefined ? deleteSecret(command, webhookSecrets) : refuse(inUse(app));
    }
  }
}

function inUse({ appId }: VoiceApp): Refusal {
  return {
    code: 'webhook_secret_in_use',
    detail: `App ${appId} uses the secret: give it another, or none, before this one is deleted.`,
  };
}
