import { modes } from '@ringfence/domain/shared/values';
import { deliveryStates } from '@ringfence/read-models/webhooks/delivered-events.queries';
import { webhookEndpoints } from '@ringfence/domain/webhooks/webhook.events';
import { webhookApiVersions } from '@ringfence/domain/apps/voice-app.events';
import { deliveredNames } from '@ringfence/wire/webhooks/webhook-body';
import {
  id,
  idOrNull,
  moment,
  momentOrNull,
  type NamedSchemas,
  object,
  oneOf,
  page,
  ref,
  textOrNull,
  whole,
  wholeOrNull,
} from '../edge/json-schema.js';

export const eventSchemas: NamedSchemas = {
  Event: object(
    {
      id: id('evt'),
      account_id: id('acc'),
      mode: oneOf(modes),
      call_id: id('cs'),
      sip_trunk_id: { ...idOrNull('st'), description: 'Always null in this release.' },
      leg_id: idOrNull('cl'),
      type: oneOf(deliveredNames),
      api_version: oneOf(webhookApiVersions),
      occurred_at: moment,
      payload: { type: ['object', 'null'], description: 'The body as it would be sent now.' },
      delivery_status: oneOf(deliveryStates),
      attempt_count: { ...whole, description: 'Attempts since it was queued, or requested again.' },
      last_attempt_at: momentOrNull,
      last_status_code: wholeOrNull,
      last_error: { ...textOrNull, description: 'A code; null: the last attempt was answered.' },
      delivered_at: momentOrNull,
      created_at: { ...moment, description: 'When it was queued.' },
    },
    'An event of a call with the state of its delivery.',
  ),
  EventList: page(ref('Event')),
  DeliveryAttempt: object({
    endpoint: oneOf(webhookEndpoints),
    delivery: { ...whole, description: '1 for the first delivery, one more for each request to deliver again.' },
    attempt: whole,
    attempted_at: moment,
    status_code: wholeOrNull,
    error: { ...textOrNull, description: 'A code; null: it was answered.' },
    latency_ms: whole,
  }),
  DeliveryAttemptList: page(ref('DeliveryAttempt')),
  Redelivery: object({ event_id: id('evt'), redelivered_at: moment }),
};
