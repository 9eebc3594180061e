import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Query } from '@nestjs/cqrs';
import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import { type EpochMs, epochMs } from '@ringfence/kernel/units';
import { nine } from '@ringfence/testing/examples';
import { WrittenHistory } from '../written-history.contract.js';
import { ListRateCounters } from './rate-counter.handlers.js';
import { rateCountersProjection } from './rate-counters.projection.js';

let models: WrittenHistory;
let account: AccountId;
beforeAll(async () => {
  models = await WrittenHistory.start([rateCountersProjection]);
  ({ account } = models);
});
afterAll(() => models.stop());
const ask = <Result>(query: Query<Result>): Promise<Result> => models.ask(query);

describe('rate counters', () => {
  it('hold what each key asked for in each second, with the reasons of what was refused', async () => {
    const keyId = keyOf(models);
    const rows = await ask(new ListRateCounters(account, keyId, nine, later));
    const placed = models.placedIn(account).filter(({ data }) => data.keyId === keyId);
    expect(rows.reduce((sum, row) => sum + row.accepted, 0)).toBe(placed.length);
    for (const { reasons, refused } of rows) {
      expect(Object.values(reasons).reduce((sum, count) => sum + count, 0)).toBe(refused);
    }
    expect(rows.some(({ refused }) => refused > 0)).toBe(true);
  });

  it('are listed latest first, from a moment on and until before another one', async () => {
    const keyId = keyOf(models);
    const list = (from: EpochMs, to: EpochMs) => ask(new ListRateCounters(account, keyId, from, to));
    const rows = await list(nine, later);
    const seconds = rows.map(({ secondMs }) => secondMs);
    expect(seconds).toEqual([...seconds].sort((left, right) => right - left));
    const [newest, , third] = seconds;
    if (newest === undefined || third === undefined) throw new Error('the history has some seconds of each key');
    expect(await list(third, newest)).toEqual(rows.slice(1, 3));
  });

  it('are not those of a key of another account', async () => {
    const other = models.history.accountIds.find((accountId) => accountId !== account);
    if (other === undefined) throw new Error('the history has more than one account');
    expect(await ask(new ListRateCounters(other, keyOf(models), nine, later))).toEqual([]);
  });
});

const later = epochMs(nine + 3_600_000);

/** A key that has placed calls. */
function keyOf(written: WrittenHistory): KeyId {
  const [placed] = written.placedIn(written.account);
  if (placed === undefined) throw new Error('the history has calls of the account');
  return placed.data.keyId;
}
