import type { RunnableProjection } from '@ringfence/projections/runnable-projection';
import { accountsProjection } from './accounts/accounts.projection.js';
import { voiceAppsProjection } from './apps/voice-apps.projection.js';
import { auditTrailProjection } from './audit/audit-trail.projection.js';
import { ledgerProjection } from './billing/ledger.projection.js';
import { callsProjection } from './calls/calls.projection.js';
import { keyRegistryProjection } from './keys/key-registry.projection.js';
import { rateCountersProjection } from './limits/rate-counters.projection.js';
import { trunksProjection } from './trunks/trunks.projection.js';
import { numbersProjection } from './numbers/numbers.projection.js';
import { usageProjection } from './usage/usage.projection.js';
import { webhookSecretsProjection } from './webhooks/webhook-secrets.projection.js';

/** All read models. */
export const allProjections: readonly RunnableProjection[] = [
  accountsProjection,
  keyRegistryProjection,
  callsProjection,
  numbersProjection,
  usageProjection,
  rateCountersProjection,
  ledgerProjection,
  auditTrailProjection,
  webhookSecretsProjection,
  voiceAppsProjection,
  trunksProjection,
];
