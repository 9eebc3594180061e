import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Query } from '@nestjs/cqrs';
import { postings } from '@ringfence/domain/postings';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { AccountId, CallId } from '@ringfence/kernel/ids';
import { WrittenHistory } from '../written-history.contract.js';
import { GetTrialBalance, ListBalances, ListEntries } from './ledger.handlers.js';
import { ledgerProjection } from './ledger.projection.js';
import type { EntryFilter, LedgerEntry } from './ledger.queries.js';

let models: WrittenHistory;
let account: AccountId;
let events: readonly RecordedEnvelope[];
beforeAll(async () => {
  models = await WrittenHistory.start([ledgerProjection]);
  ({ account, events } = models);
});
afterAll(() => models.stop());
const ask = <Result>(query: Query<Result>): Promise<Result> => models.ask(query);

describe('the ledger', () => {
  it('balances, and is the sum of the postings of the events', async () => {
    const trial = await ask(new GetTrialBalance(null, null));
    expect(trial.balanced).toBe(true);
    expect(trial.debitMicros).toBe(trial.creditMicros);
    expect(trial.debitMicros).toBeGreaterThan(0n);
    const all = events.flatMap(({ data }) => postings(data));
    for (const { book, account: ledgerAccount, balanceMicros } of trial.turnovers) {
      const own = all.filter((posting) => posting.book === book && posting.account === ledgerAccount);
      expect(balanceMicros).toBe(own.reduce((sum, posting) => sum + posting.amountMicros, 0n));
    }
  });

  it('carries the balance after each entry, and ends at the balance of the book', async () => {
    const entries = (await ask(new ListEntries(entriesOf(), { limit: 1_000 }))).rows.toReversed();
    const running = new Map<string, bigint>();
    for (const entry of entries) {
      expect(entry.lines.reduce((sum, line) => sum + line.amountMicros, 0n)).toBe(0n);
      for (const { account: name, amountMicros, balanceAfterMicros } of entry.lines) {
        running.set(name, (running.get(name) ?? 0n) + amountMicros);
        expect(balanceAfterMicros).toBe(running.get(name));
      }
    }
    const balance = (await ask(new ListBalances(account, null))).find(({ book }) => book === 'test');
    expect(balance?.availableMicros).toBe(0n - (running.get('available') ?? 0n));
    expect(balance?.chargedMicros).toBe(0n - (running.get('revenue') ?? 0n));
    expect(balance?.receivedMicros).toBe(running.get('cash'));
  });

  it('finds the entries of a call, of a key and of a span of time: those, and no others', async () => {
    const all = (await ask(new ListEntries(entriesOf(), { limit: 1_000 }))).rows;
    const middle = all[Math.floor(all.length / 2)];
    const ofCall = all.find(({ subject }) => subject.startsWith('cs_'));
    if (middle === undefined || ofCall === undefined || ofCall.keyId === null) throw new Error('the example has calls');
    const cases: readonly (readonly [Partial<EntryFilter>, (entry: LedgerEntry) => boolean])[] = [
      [{ callId: ofCall.subject as CallId }, ({ subject }) => subject === ofCall.subject],
      [{ keyId: ofCall.keyId }, ({ keyId }) => keyId === ofCall.keyId],
      [{ decidedAfter: middle.decidedAtMs }, ({ decidedAtMs }) => decidedAtMs >= middle.decidedAtMs],
      [{ decidedBefore: middle.decidedAtMs }, ({ decidedAtMs }) => decidedAtMs < middle.decidedAtMs],
      [
        { callId: ofCall.subject as CallId, decidedBefore: ofCall.decidedAtMs },
        (entry) => entry.subject === ofCall.subject && entry.decidedAtMs < ofCall.decidedAtMs,
      ],
    ];
    for (const [filter, matches] of cases) {
      const found = (await ask(new ListEntries(entriesOf(filter), { limit: 1_000 }))).rows;
      expect(found).toEqual(all.filter(matches));
      expect(found.length).toBeLessThan(all.length);
    }
  });
});

describe.each(['live', 'test'] as const)('what is seen of the mode %s alone', (mode) => {
  it('is its own book, which balances by itself', async () => {
    const [book, ...others] = await ask(new ListBalances(account, mode));
    expect([book?.book, others]).toEqual([mode, []]);
    expect(await ask(new ListBalances(account, null))).toContainEqual(book);
    const trial = await ask(new GetTrialBalance(account, mode));
    expect(new Set(trial.turnovers.map((turnover) => turnover.book))).toEqual(new Set([mode]));
    expect([trial.balanced, trial.debitMicros]).toEqual([true, trial.creditMicros]);
  });
});

const entriesOf = (filter: Partial<EntryFilter> = {}): EntryFilter => ({
  accountId: account,
  mode: 'test',
  callId: undefined,
  keyId: undefined,
  decidedAfter: undefined,
  decidedBefore: undefined,
  ...filter,
});
