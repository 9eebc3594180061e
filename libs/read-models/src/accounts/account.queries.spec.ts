import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Query } from '@nestjs/cqrs';
import { platformLimits } from '@ringfence/domain/limits/account-limits';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { AccountId } from '@ringfence/kernel/ids';
import { nine } from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import type { Page, PageRequest } from '../page.js';
import { WrittenHistory } from '../written-history.contract.js';
import { FindAccount, ListAccounts } from './account.handlers.js';
import type { AccountRow } from './account.queries.js';
import { accountsProjection } from './accounts.projection.js';

let models: WrittenHistory;
let account: AccountId;
let events: readonly RecordedEnvelope[];
beforeAll(async () => {
  models = await WrittenHistory.start([accountsProjection]);
  ({ account, events } = models);
});
afterAll(() => models.stop());
const ask = <Result>(query: Query<Result>): Promise<Result> => models.ask(query);

describe('accounts', () => {
  it('are listed newest first and found by id', async () => {
    const page = await ask(new ListAccounts({ limit: 4 }));
    expect(page.rows.map(({ accountId }) => accountId)).toEqual([...models.history.accountIds].reverse().slice(0, 4));
    expect(page.next).not.toBeNull();
    expect(await ask(new FindAccount(account))).toMatchObject({
      accountId: account,
      currency: 'USD',
    });
  });

  it('are listed page by page, each of them once', async () => {
    const found: AccountId[] = [];
    for (let cursor: PageRequest['cursor'] = undefined; ;) {
      const page: Page<AccountRow> = await ask(new ListAccounts({ limit: 4, cursor }));
      found.push(...page.rows.map(({ accountId }) => accountId));
      if (page.next === null) break;
      cursor = { after: page.next };
    }
    expect(found).toEqual([...models.history.accountIds].reverse());
  });

  it('that were never opened are not found', async () => {
    expect(await ask(new FindAccount(new PredictableIds(9_000).accountId()))).toBeUndefined();
  });

  it('are as their last events say: suspended, resumed, and within the limits that were set last', async () => {
    const statuses = new Set<unknown>();
    let limited = 0;
    for (const accountId of models.history.accountIds) {
      const own = events.filter(({ stream }) => stream === accountId).map(({ data }) => data);
      const found = await ask(new FindAccount(accountId));
      const last = own.findLast(({ type }) => ['AccountVerified', 'AccountSuspended', 'AccountResumed'].includes(type));
      statuses.add(last?.type);
      expect(found).toMatchObject(
        last?.type === 'AccountSuspended'
          ? { status: 'suspended', suspensionReason: last.reason, suspendedAtMs: last.suspendedAtMs }
          : { status: 'active', suspensionReason: null, suspendedAtMs: null },
      );
      expect(found?.verifiedAtMs).toBe(nine);
      for (const mode of ['live', 'test'] as const) {
        const set = own.findLast((data) => data.type === 'AccountLimitsSet' && data.mode === mode);
        if (set?.type !== 'AccountLimitsSet') expect(found?.limits[mode].limits).toBe(platformLimits);
        else {
          limited += 1;
          expect(found?.limits[mode]).toEqual({ limits: set.limits, approved: set.approved });
        }
      }
    }
    expect([...statuses]).toEqual(expect.arrayContaining(['AccountSuspended', 'AccountResumed']));
    expect(limited).toBeGreaterThan(3);
  });

  it('follow what is recorded later', async () => {
    await models.record({ type: 'AccountSuspended', accountId: account, reason: 'fraud', suspendedAtMs: nine });
    expect(await ask(new FindAccount(account))).toMatchObject({ status: 'suspended', suspensionReason: 'fraud' });
  });
});
