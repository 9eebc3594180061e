import { modes } from '@ringfence/domain/shared/values';
import {
  flag,
  id,
  listOf,
  moment,
  momentOrNull,
  type NamedSchemas,
  object,
  oneOf,
  page,
  ref,
  text,
  textOrNull,
} from '../edge/json-schema.js';

const secret = {
  id: id('sec'),
  account_id: id('acc'),
  mode: oneOf(modes),
  name: textOrNull,
  created_at: moment,
  rotated_at: { ...momentOrNull, description: 'null: it was never rotated.' },
  overlap_until: {
    ...momentOrNull,
    description: 'When the value before the last rotation stops signing beside the present one.',
  },
  needs_rotation: { ...flag, description: 'Its value is more than 365 days old.' },
  sip_trunks: {
    ...listOf(object({ id: id('st'), name: textOrNull })),
    description: 'The SIP trunks whose webhooks it signs.',
  },
  voice_apps: {
    ...listOf(object({ id: id('va'), name: textOrNull })),
    description: 'The apps whose webhooks it signs.',
  },
  erased: listOf(oneOf(['name'])),
};

export const webhookSchemas: NamedSchemas = {
  WebhookSecret: object(secret, 'A secret with which webhooks are signed, without its value.'),
  WebhookSecretWithValue: object({
    ...secret,
    secret_value: {
      ...textOrNull,
      description:
        '`whsec_` and the base64 of 24 bytes. Shown this once; null when it was shown by an earlier answer to the same Idempotency-Key, or stays as it was.',
    },
    secret_already_shown: flag,
  }),
  WebhookSecretList: page(ref('WebhookSecret')),
  Deletion: object({ success: { const: true }, message: text }, 'What was to be deleted is deleted.'),
};
