import type { AccountId, WebhookSecretId } from '@ringfence/kernel/ids';
import type { DurationMs } from '@ringfence/kernel/units';
import { type AuthorityOver, type Authorization, noKey } from '../shared/authorization.js';
import type { CommandMetadata, SealedSecret, SealedText } from '../shared/values.js';
import type { DeliveryFailure } from './webhook.events.js';

type OfSecret = CommandMetadata & { readonly accountId: AccountId; readonly secretId: WebhookSecretId };

/** Creates a secret in the mode of the key that issues the command. */
export type CreateWebhookSecret = OfSecret & {
  readonly type: 'CreateWebhookSecret';
  readonly name: SealedText;
  readonly value: SealedSecret;
};
/** Renames a secret, gives it a new value, or both; what is null stays as it is. */
export type ChangeWebhookSecret = OfSecret & {
  readonly type: 'ChangeWebhookSecret';
  readonly name: SealedText | null;
  readonly rotation: SecretRotation | null;
};
export type DeleteWebhookSecret = OfSecret & { readonly type: 'DeleteWebhookSecret' };

/** `overlapMs`: time for which the previous value signs too, at most a week. */
export type SecretRotation = { readonly value: SealedSecret; readonly overlapMs: DurationMs };

/** Records that an event is not sent to an endpoint any more. Sent by the platform alone. */
export type RecordDeliveryFailure = CommandMetadata &
  DeliveryFailure & { readonly type: 'RecordDeliveryFailure'; readonly accountId: AccountId };

export type WebhookSecretCommand = CreateWebhookSecret | ChangeWebhookSecret | DeleteWebhookSecret;
export type WebhookCommand = WebhookSecretCommand | RecordDeliveryFailure;

/** An account configures its own secrets; an operator has no part in them. */
const webhooksWrite: Authorization = { scope: 'webhooks:write', account: 'own', platform: false };

export const webhookAuthority: AuthorityOver<WebhookCommand> = {
  CreateWebhookSecret: webhooksWrite,
  ChangeWebhookSecret: webhooksWrite,
  DeleteWebhookSecret: webhooksWrite,
  RecordDeliveryFailure: noKey,
};
