import { modes } from '@ringfence/domain/shared/values';
import type { WebhookEvent } from '@ringfence/domain/webhooks/webhook.events';
import { about, type ContextCatalogue, type EventFacts } from './context-catalogue.js';
import { id, moment, nullable, oneOf, sealedSecret, sealedText } from './shape.js';

const ids = { secretId: id('sec'), mode: oneOf(modes) };
const ofSecret = { ...ids, name: sealedText, createdAtMs: moment };

export const webhookCatalogue: ContextCatalogue<WebhookEvent> = {
  WebhookSecretCreated: {
    name: 'webhook.secret_created',
    version: 1,
    fields: { ...ofSecret, value: sealedSecret },
    facts: aboutSecret,
  },
  WebhookSecretRenamed: {
    name: 'webhook.secret_renamed',
    version: 1,
    fields: { ...ofSecret, rotatedAtMs: nullable(moment), overlapUntilMs: nullable(moment), renamedAtMs: moment },
    facts: aboutSecret,
  },
  WebhookSecretRotated: {
    name: 'webhook.secret_rotated',
    version: 1,
    fields: {
      ...ofSecret,
      value: sealedSecret,
      previousValue: sealedSecret,
      overlapUntilMs: moment,
      rotatedAtMs: moment,
    },
    facts: aboutSecret,
  },
  WebhookSecretDeleted: {
    name: 'webhook.secret_deleted',
    version: 1,
    fields: { ...ids, deletedAtMs: moment },
    facts: aboutSecret,
  },
};

function aboutSecret({ secretId, mode }: Pick<WebhookEvent, 'secretId' | 'mode'>): EventFacts {
  return about(secretId, mode);
}
