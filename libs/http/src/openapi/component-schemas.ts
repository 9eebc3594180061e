import { accountSchemas } from '../accounts/account.schemas.js';
import { appSchemas } from '../apps/app.schemas.js';
import { auditSchemas } from '../audit/audit.schemas.js';
import { callSchemas } from '../calls/call.schemas.js';
import { eventSchemas } from '../events/event.schemas.js';
import { inventorySchemas } from '../inventory/inventory.schemas.js';
import { keySchemas } from '../keys/key.schemas.js';
import { ledgerSchemas } from '../ledger/ledger.schemas.js';
import { listenerSchemas } from '../listeners/listener.schemas.js';
import { numberSchemas } from '../numbers/number.schemas.js';
import { operationsSchemas } from '../operations/operations.schemas.js';
import { rateSchemas } from '../rates/rate.schemas.js';
import { trunkSchemas } from '../trunks/trunk.schemas.js';
import { usageSchemas } from '../usage/usage.schemas.js';
import { webhookSchemas } from '../webhooks/webhook.schemas.js';
import { sharedSchemas } from './shared.schemas.js';
import type { NamedSchemas } from '../edge/json-schema.js';

/** Every hand-written schema of the API, in the document's order. */
export const componentSchemas: NamedSchemas = {
  ...sharedSchemas,
  ...callSchemas,
  ...accountSchemas,
  ...keySchemas,
  ...usageSchemas,
  ...ledgerSchemas,
  ...auditSchemas,
  ...operationsSchemas,
  ...numberSchemas,
  ...inventorySchemas,
  ...rateSchemas,
  ...webhookSchemas,
  ...eventSchemas,
  ...listenerSchemas,
  ...appSchemas,
  ...trunkSchemas,
};
