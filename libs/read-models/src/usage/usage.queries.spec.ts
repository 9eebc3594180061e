import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Query } from '@nestjs/cqrs';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { AccountId } from '@ringfence/kernel/ids';
import { epochMs } from '@ringfence/kernel/units';
import { nine } from '@ringfence/testing/examples';
import { WrittenHistory } from '../written-history.contract.js';
import { ListUsage } from './usage.handlers.js';
import { usageProjection } from './usage.projection.js';

let models: WrittenHistory;
let account: AccountId;
let events: readonly RecordedEnvelope[];
beforeAll(async () => {
  models = await WrittenHistory.start([usageProjection]);
  ({ account, events } = models);
});
afterAll(() => models.stop());
const ask = <Result>(query: Query<Result>): Promise<Result> => models.ask(query);

describe('usage', () => {
  it.each(['key', 'application', 'project', 'none'] as const)(
    'by %s adds up to what was called, whatever it is cut by',
    async (by) => {
      const range = { accountId: account, mode: null, by, from: nine, to: epochMs(nine + 3 * 86_400_000) };
      const own = events.filter(({ stream }) => stream === account).map(({ data }) => data);
      const expected = {
        calls: own.filter(({ type }) => type === 'CallPlaced').length,
        answered: own.filter(({ type }) => type === 'CallCompleted').length,
        failed: own.filter(({ type }) => type === 'CallFailed').length,
        refused: own.reduce(
          (sum, data) => sum + (data.type === 'CallRefused' ? 1 : data.type === 'CallRefusalsCounted' ? data.count : 0),
          0,
        ),
        costMicros: own.reduce((sum, data) => sum + (data.type === 'CallCompleted' ? data.chargedMicros : 0n), 0n),
      };
      for (const groupBy of ['minute', 'day', 'total'] as const) {
        const rows = await ask(new ListUsage({ ...range, groupBy }));
        const total = (name: 'calls' | 'answered' | 'failed' | 'refused') =>
          rows.reduce((sum, row) => sum + row[name], 0);
        const costMicros = rows.reduce((sum, row) => sum + row.costMicros, 0n);
        const counted = {
          calls: total('calls'),
          answered: total('answered'),
          failed: total('failed'),
          refused: total('refused'),
          costMicros,
        };
        expect(counted).toEqual(expected);
        expect(rows.every(({ value }) => (by === 'none' ? value === '' : value !== ''))).toBe(true);
      }
    },
  );

  it('rounds the average cost of an answered call down', async () => {
    const rows = await ask(
      new ListUsage({
        accountId: account,
        mode: 'test',
        groupBy: 'total',
        by: 'none',
        from: nine,
        to: epochMs(nine + 86_400_000),
      }),
    );
    expect(rows).toHaveLength(1);
    const [row] = rows;
    expect(row?.averageCostMicros).toBe((row?.costMicros ?? 0n) / BigInt(row?.answered ?? 1));
  });
});

describe.each(['live', 'test'] as const)('what is seen of the mode %s alone', (mode) => {
  it('is its own usage', async () => {
    const to = epochMs(nine + 3 * 86_400_000);
    const rows = await ask(new ListUsage({ accountId: account, mode, groupBy: 'total', by: 'none', from: nine, to }));
    const calls = models.placedIn(account).filter(({ data }) => data.mode === mode);
    expect(rows).toMatchObject([{ mode, calls: calls.length }]);
  });
});
