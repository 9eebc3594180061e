import { Module } from '@nestjs/common';
import type { Calendar } from '@ringfence/domain/shared/calendar';
import { EVENT_STORE, type EventStore } from '@ringfence/ports/log/event-store';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import { accountHandlers } from './accounts/account.handlers.js';
import { AccountQueries } from './accounts/account.queries.js';
import { voiceAppHandlers } from './apps/voice-apps.handlers.js';
import { VoiceAppQueries } from './apps/voice-apps.queries.js';
import { auditHandlers } from './audit/audit.handlers.js';
import { AuditQueries } from './audit/audit.queries.js';
import { ledgerHandlers } from './billing/ledger.handlers.js';
import { LedgerQueries } from './billing/ledger.queries.js';
import { callHandlers } from './calls/call.handlers.js';
import { CallQueries } from './calls/call.queries.js';
import { keyHandlers } from './keys/key.handlers.js';
import { KeyQueries } from './keys/key.queries.js';
import { rateCounterHandlers } from './limits/rate-counter.handlers.js';
import { RateCounterQueries } from './limits/rate-counter.queries.js';
import { trunkHandlers } from './trunks/trunks.handlers.js';
import { IpListQueries } from './trunks/ip-lists.queries.js';
import { SipTrunkQueries } from './trunks/sip-trunks.queries.js';
import { numberHandlers } from './numbers/number.handlers.js';
import { NumberQueries } from './numbers/number.queries.js';
import { usageHandlers } from './usage/usage.handlers.js';
import { UsageQueries } from './usage/usage.queries.js';
import { deliveredEventHandlers } from './webhooks/delivered-events.handlers.js';
import { DeliveredEventQueries } from './webhooks/delivered-events.queries.js';
import { webhookSecretHandlers } from './webhooks/webhook-secrets.handlers.js';
import { WebhookSecretQueries } from './webhooks/webhook-secrets.queries.js';

/** The database that holds the read models: an SqlTransaction. */
export const READ_DATABASE = Symbol('ReadDatabase');
/** The process's Calendar. */
export const CALENDAR = Symbol('Calendar');

const queries = [
  AccountQueries,
  KeyQueries,
  NumberQueries,
  RateCounterQueries,
  WebhookSecretQueries,
  DeliveredEventQueries,
  VoiceAppQueries,
  IpListQueries,
  SipTrunkQueries,
];
/** Their rows say where events are; the events are read from the log. */
const pointing = [AuditQueries, CallQueries, LedgerQueries];
const handlers = [
  ...accountHandlers,
  ...auditHandlers,
  ...ledgerHandlers,
  ...callHandlers,
  ...keyHandlers,
  ...numberHandlers,
  ...rateCounterHandlers,
  ...usageHandlers,
  ...webhookSecretHandlers,
  ...deliveredEventHandlers,
  ...voiceAppHandlers,
  ...trunkHandlers,
];

/**
 * Answers queries about the read models on the QueryBus. The host provides READ_DATABASE, EVENT_STORE and CALENDAR
 * in a global module.
 */
@Module({
  providers: [
    ...queries.map((query) => ({
      provide: query,
      useFactory: (db: SqlTransaction) => new query(db),
      inject: [READ_DATABASE],
    })),
    ...pointing.map((query) => ({
      provide: query,
      useFactory: (db: SqlTransaction, log: EventStore) => new query(db, log),
      inject: [READ_DATABASE, EVENT_STORE],
    })),
    {
      provide: UsageQueries,
      useFactory: (db: SqlTransaction, calendar: Calendar) => new UsageQueries(db, calendar),
      inject: [READ_DATABASE, CALENDAR],
    },
    ...handlers,
  ],
})
export class ReadModelsModule {}
