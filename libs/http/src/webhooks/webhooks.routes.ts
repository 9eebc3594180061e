import type { ContextRoutes } from '../edge/context-routes.js';
import { ChangeWebhookSecretController } from './change-webhook-secret.js';
import { CreateWebhookSecretController } from './create-webhook-secret.js';
import { DeleteWebhookSecretController } from './delete-webhook-secret.js';
import { ListWebhookSecretsController } from './list-webhook-secrets.js';
import { SecretNames } from './secret-names.js';
import { SecretUses } from './secret-uses.js';
import { ShowWebhookSecretController } from './show-webhook-secret.js';
import { WebhookSecretReader } from './webhook-secret-reader.js';

export const webhookRoutes: ContextRoutes = {
  controllers: [
    CreateWebhookSecretController,
    ListWebhookSecretsController,
    ShowWebhookSecretController,
    ChangeWebhookSecretController,
    DeleteWebhookSecretController,
  ],
  providers: [WebhookSecretReader, SecretNames, SecretUses],
};
