import { describe } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { ShowLedgerController } from './show-ledger.js';

describe('showing the ledger', () => {
  const itAnswers = problemsOf(ShowLedgerController);

  itAnswers('not_found', 'where no account has that id', (world) =>
    world.get(`ledger?account_id=${world.behind.ids.accountId()}`),
  );
});
