import type { ContextRoutes } from '../edge/context-routes.js';
import { ListEntriesController } from './list-entries.js';
import { ShowLedgerController } from './show-ledger.js';
import { ShowTrialBalanceController } from './show-trial-balance.js';

export const ledgerRoutes: ContextRoutes = {
  controllers: [ShowLedgerController, ListEntriesController, ShowTrialBalanceController],
  providers: [],
};
