import { Module } from '@nestjs/common';
import type { Calendar } from '@ringfence/domain/shared/calendar';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import { FindAccountHandler, ListAccountsHandler } from './accounts/account.handlers.js';
import { AccountQueries } from './accounts/account.queries.js';
import { FindAuthorisationHandler, ListAuditEventsHandler } from './audit/audit.handlers.js';
import { AuditQueries } from './audit/audit.queries.js';
import { DrawTrialBalanceHandler, ListBalancesHandler, ListEntriesHandler } from './billing/ledger.handlers.js';
import { LedgerQueries } from './billing/ledger.queries.js';
import { FindCallHandler, ListCallsHandler } from './calls/call.handlers.js';
import { CallQueries } from './calls/call.queries.js';
import { FindKeyHandler, ListKeysHandler } from './keys/key.handlers.js';
import { KeyQueries } from './keys/key.queries.js';
import { ListRateCountersHandler } from './limits/rate-counter.handlers.js';
import { RateCounterQueries } from './limits/rate-counter.queries.js';
import { ListUsageHandler } from './usage/usage.handlers.js';
import { UsageQueries } from './usage/usage.queries.js';

/** The database that holds the read models: an SqlTransaction. */
export const READ_DATABASE = Symbol('ReadDatabase');
/** The process's Calendar. */
export const CALENDAR = Symbol('Calendar');

const queries = [AccountQueries, AuditQueries, CallQueries, KeyQueries, LedgerQueries, RateCounterQueries];
const handlers = [
  FindAccountHandler,
  ListAccountsHandler,
  ListAuditEventsHandler,
  FindAuthorisationHandler,
  ListBalancesHandler,
  ListEntriesHandler,
  DrawTrialBalanceHandler,
  FindCallHandler,
  ListCallsHandler,
  FindKeyHandler,
  ListKeysHandler,
  ListRateCountersHandler,
  ListUsageHandler,
];

/**
 * Answers queries about the read models on the QueryBus. The host provides READ_DATABASE and CALENDAR in a global
 * module.
 */
@Module({
  providers: [
    ...queries.map((query) => ({
      provide: query,
      useFactory: (db: SqlTransaction) => new query(db),
      inject: [READ_DATABASE],
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
