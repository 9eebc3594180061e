import { modes } from '@ringfence/domain/shared/values';
import {
  deliveryFailureReasons,
  type DeliveryFailure,
  webhookEndpoints,
  type WebhookEvent,
  type WebhookSecretEvent,
} from '@ringfence/domain/webhooks/webhook.events';
import { about, type ContextCatalogue, type EventFacts } from './context-catalogue.js';
import { count, type FieldsOf, id, moment, nullable, oneOf, sealedSecret, sealedText } from './shape.js';

const ids = { secretId: id('sec'), mode: oneOf(modes) };
const ofSecret = { ...ids, name: sealedText, createdAtMs: moment };

/** Fields of a failed delivery, in its event and in its command. */
export const deliveryFailure: FieldsOf<DeliveryFailure> = {
  callId: id('cs'),
  eventId: id('evt'),
  mode: oneOf(modes),
  endpoint: oneOf(webhookEndpoints),
  reason: oneOf(deliveryFailureReasons),
  attempts: count,
  lastStatus: nullable(count),
};

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
  WebhookDeliveryFailed: {
    name: 'webhook.delivery_failed',
    version: 1,
    fields: { ...deliveryFailure, failedAtMs: moment },
    facts: ({ callId, mode }) => about(callId, mode),
  },
};

function aboutSecret({ secretId, mode }: Pick<WebhookSecretEvent, 'secretId' | 'mode'>): EventFacts {
  return about(secretId, mode);
}
