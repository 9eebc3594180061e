import { type Decision, refuse } from '@ringfence/kernel/decider';
import type { Refusal } from '../../refusals.js';
import type { WebhookCommand } from '../../webhooks/webhook.commands.js';
import type { WebhookEvent } from '../../webhooks/webhook.events.js';
import { changeSecret, createSecret, deleteSecret } from '../../webhooks/webhook-secret.decider.js';
import { creatorModeOf, noCreator } from './account-authorization.js';
import type { AccountState } from './account-state.js';

/** Decides a command about a secret of the account. */
export function decideWebhook(
  command: WebhookCommand,
  { standing, keys, webhookSecrets }: Pick<AccountState, 'standing' | 'keys' | 'webhookSecrets'>,
): Decision<WebhookEvent, Refusal> {
  if (standing.status === 'unopened') return refuse({ code: 'account_unknown', detail: 'There is no such account.' });
  switch (command.type) {
    case 'CreateWebhookSecret': {
      const mode = creatorModeOf(command.principal, keys);
      return mode === undefined ? refuse(noCreator) : createSecret(command, mode, webhookSecrets);
    }
    case 'ChangeWebhookSecret':
      return changeSecret(command, webhookSecrets);
    case 'DeleteWebhookSecret':
      return deleteSecret(command, webhookSecrets);
  }
}
