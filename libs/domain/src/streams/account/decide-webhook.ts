import { type Decision, refuse } from '@ringfence/kernel/decider';
import { appUsing } from '../../apps/voice-app.js';
import type { Refusal } from '../../refusals.js';
import { trunkUsingSecret } from '../../trunks/sip-trunk.js';
import type { WebhookSecretCommand } from '../../webhooks/webhook.commands.js';
import type { WebhookEvent } from '../../webhooks/webhook.events.js';
import { changeSecret, createSecret, deleteSecret } from '../../webhooks/webhook-secret.decider.js';
import { creatorModeOf, noCreator } from './account-authorization.js';
import type { AccountState } from './account-state.js';

export { recordDeliveryFailure } from '../../webhooks/delivery.decider.js';

/** Decides a command about a secret of the account. One that an app or a trunk uses cannot be deleted. */
export function decideWebhook(
  command: WebhookSecretCommand,
  { standing, keys, webhookSecrets, voiceApps, sipTrunks }: AccountState,
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
      const { secretId } = command;
      const app = appUsing(voiceApps, secretId);
      if (app !== undefined) return refuse(inUse(`App ${app.appId}`));
      const trunk = trunkUsingSecret(sipTrunks, secretId);
      return trunk === undefined ? deleteSecret(command, webhookSecrets) : refuse(inUse(`Trunk ${trunk.trunkId}`));
    }
  }
}

function inUse(user: string): Refusal {
  return {
    code: 'webhook_secret_in_use',
    detail: `${user} uses the secret: give it another, or none, before this one is deleted.`,
  };
}
