import { accept, type Decision, refuse } from '@ringfence/kernel/decider';
import type { Refusal } from '../refusals.js';
import type { RecordDeliveryFailure } from './webhook.commands.js';
import type { WebhookEvent } from './webhook.events.js';

/** Records a delivery that has failed for good. An account that is suspended learns of it too. */
export function recordDeliveryFailure(
  { principal, nowMs: failedAtMs, accountId, ...failure }: RecordDeliveryFailure,
  { standing }: { readonly standing: { readonly status: string } },
): Decision<WebhookEvent, Refusal> {
  if (principal.kind !== 'worker')
    return refuse({ code: 'presenter_not_allowed', detail: 'Only the platform itself records failed deliveries.' });
  if (standing.status === 'unopened')
    return refuse({ code: 'account_unknown', detail: `There is no account ${accountId}.` });
  return accept<WebhookEvent>({ ...failure, type: 'WebhookDeliveryFailed', failedAtMs });
}
