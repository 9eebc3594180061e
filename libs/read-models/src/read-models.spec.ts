import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CqrsModule, type Query, QueryBus } from '@nestjs/cqrs';
import { EventFeed } from '@ringfence/event-feed/event-feed';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import { postings } from '@ringfence/domain/postings';
import type { CallPlaced } from '@ringfence/domain/calls/call.events';
import { platformLimits } from '@ringfence/domain/limits/account-limits';
import { accountWideEvents, isOfMode } from '@ringfence/event-catalog/event-facts';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import type { AccountId, CallId } from '@ringfence/kernel/ids';
import { epochMs, position, type Position } from '@ringfence/kernel/units';
import { dump } from '@ringfence/projections/dump';
import { noProjectionMetrics } from '@ringfence/projections/projection-metrics';
import { ProjectionProgress } from '@ringfence/projections/projection-progress';
import { ensureOwnTables, ensureSchema } from '@ringfence/projections/checkpoints';
import { ProjectionWriter } from '@ringfence/projections/projection-writer';
import { rebuild } from '@ringfence/projections/rebuild';
import { openPool } from '@ringfence/sql-postgres/pool';
import { PostgresSqlDatabase } from '@ringfence/sql-postgres/postgres-sql-database';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { exampleCalendar, nine } from '@ringfence/testing/examples';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { GeneratedHistory } from '@ringfence/testing/generated-history';
import type { Pool } from 'pg';
import { FindAccount, ListAccounts } from './accounts/account.handlers.js';
import { FindAuthorisation, ListAuditEvents } from './audit/audit.handlers.js';
import { GetTrialBalance, ListBalances, ListEntries } from './billing/ledger.handlers.js';
import type { EntryFilter, LedgerEntry } from './billing/ledger.queries.js';
import type { CallRow } from './calls/call-rows.js';
import { FindCall, ListCalls } from './calls/call.handlers.js';
import { LiveCallQueries } from './calls/live-call.queries.js';
import { FindKey, ListKeys } from './keys/key.handlers.js';
import { KeyQueries } from './keys/key.queries.js';
import { ListRateCounters } from './limits/rate-counter.handlers.js';
import type { Page, PageRequest } from './page.js';
import { allProjections } from './projections.js';
import { CALENDAR, READ_DATABASE, ReadModelsModule } from './read-models.module.js';
import { ListUsage } from './usage/usage.handlers.js';

const eventCount = 6_000;
let scratch: ScratchDatabase;
let pool: Pool;
let db: PostgresSqlDatabase;
let feed: EventFeed;
let events: readonly RecordedEnvelope[];
let account: AccountId;
/** What a gateway finds in a database where no projector has ever been. */
let beforeProjectors: unknown;
let app: INestApplicationContext;
const store = new MemoryEventStore(new MemoryLog(), new FakeClock());
const entriesOf = (filter: Partial<EntryFilter> = {}): EntryFilter => ({
  accountId: account,
  mode: 'test',
  subject: undefined,
  keyId: undefined,
  decidedAfter: undefined,
  decidedBefore: undefined,
  ...filter,
});
const history = new GeneratedHistory({ accounts: 6, liveCalls: 60 });

beforeAll(async () => {
  scratch = await openScratchDatabase();
  pool = openPool(scratch.url);
  db = new PostgresSqlDatabase(pool);
  feed = new EventFeed(store, new FakeClock(), () => undefined);
  await history.appendTo(store, eventCount);
  events = await feed.read(position(0), eventCount);
  account = history.accountIds[0] as AccountId;
  beforeProjectors = await new KeyQueries(db).registryRows().catch((failure: unknown) => failure);
  await ensureOwnTables(db);
  // Cut as unevenly as can be: rows may not depend on where a batch ends.
  await write(db, [1, 2, 3, 50, 7, 400, 1, 1_000]);
  app = await NestFactory.createApplicationContext(asked(db), { logger: false, abortOnError: false });
});
afterAll(async () => {
  await app.close();
  await pool.end();
  await scratch.close();
});

describe('every read model', () => {
  it.each(allProjections.map((projection) => ({ name: projection.name, projection })))(
    '$name comes out the same from a rebuild in other batches',
    async ({ name, projection }) => {
      const before = await dumped(name);
      expect(before.length).toBeGreaterThan(3);
      await rebuild(projection, { db, history: feed, metrics: noProjectionMetrics });
      expect(await dumped(name)).toEqual(before);
    },
  );
});

describe('calls', () => {
  it('stand as their last event says', async () => {
    for (const [callId, own] of eventsOfCalls()) {
      const call = await ask(new FindCall(callId));
      const last = own.at(-1)?.data;
      const state = {
        CallCompleted: 'completed',
        CallFailed: 'failed',
        CallAnswered: 'answered',
        CallRinging: 'ringing',
      };
      const told = own.map(({ data }) => state[data.type as keyof typeof state] as string | undefined);
      expect(call?.state).toBe(told.filter((each) => each !== undefined).at(-1) ?? 'initiated');
      if (last?.type === 'CallCompleted') {
        expect(call).toMatchObject({
          chargedMicros: last.chargedMicros,
          talkTimeMs: last.talkTimeMs,
          cause: last.cause,
        });
      }
      expect(call?.placedPosition).toBe(own[0]?.position);
    }
  });

  it('are listed newest first, page by page, without a gap or a double, forwards and back', async () => {
    const list = (page: PageRequest) => ask(new ListCalls({ accountId: account, mode: null }, page));
    const expected = placedIn(account)
      .map(({ data }) => data.callId)
      .reverse();
    const forwards: CallRow[] = [];
    let page = await list({ limit: 7 });
    expect(page.previous).toBeNull();
    for (;;) {
      forwards.push(...page.rows);
      if (page.next === null) break;
      page = await list({ limit: 7, cursor: { after: page.next } });
    }
    expect(forwards.map(({ callId }) => callId)).toEqual(expected);
    const backwards: CallRow[] = [...page.rows];
    while (page.previous !== null) {
      page = await list({ limit: 7, cursor: { before: page.previous } });
      backwards.unshift(...page.rows);
    }
    expect(backwards.map(({ callId }) => callId)).toEqual(expected);
  });

  it('are found by state, number and time', async () => {
    const limit = 1_000;
    const [placed] = placedIn(account);
    const to = placed?.data.to.subjectId;
    const from = placed?.data.from.subjectId;
    const createdBefore = epochMs((placed?.data.placedAtMs ?? 0) + 1);
    const byNumber = await ask(
      new ListCalls({ accountId: account, mode: null, toSubject: to, fromSubject: from }, { limit }),
    );
    expect(byNumber.rows.map(({ callId }) => callId)).toContain(placed?.data.callId);
    expect(byNumber.rows.every((call) => call.to.subjectId === to)).toBe(true);
    const byTime = await ask(new ListCalls({ accountId: account, mode: null, createdBefore }, { limit }));
    expect(byTime.rows.at(-1)?.callId).toBe(placed?.data.callId);
    const failed = await ask(new ListCalls({ accountId: account, mode: null, state: 'failed' }, { limit }));
    expect(failed.rows.length).toBeGreaterThan(0);
    expect(failed.rows.every(({ state }) => state === 'failed')).toBe(true);
  });

  it('that live are those without an end', async () => {
    const progress = new ProjectionProgress(db);
    const live = await new LiveCallQueries(db, progress).placedBelow(position(eventCount), null, 10_000);
    const ended = new Set(events.flatMap(({ data }) => (isEnd(data.type) && 'callId' in data ? [data.callId] : [])));
    const expected = events.filter(({ data }) => data.type === 'CallPlaced' && !ended.has(data.callId));
    expect(live.map(({ placedPosition }) => placedPosition)).toEqual(expected.map((event) => event.position));
  });
});

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
      [{ subject: ofCall.subject }, ({ subject }) => subject === ofCall.subject],
      [{ keyId: ofCall.keyId }, ({ keyId }) => keyId === ofCall.keyId],
      [{ decidedAfter: middle.decidedAtMs }, ({ decidedAtMs }) => decidedAtMs >= middle.decidedAtMs],
      [{ decidedBefore: middle.decidedAtMs }, ({ decidedAtMs }) => decidedAtMs < middle.decidedAtMs],
      [{ subject: ofCall.subject, decidedBefore: ofCall.decidedAtMs }, (entry) => entry.subject === ofCall.subject && entry.decidedAtMs < ofCall.decidedAtMs], // prettier-ignore
    ];
    for (const [filter, matches] of cases) {
      const found = (await ask(new ListEntries(entriesOf(filter), { limit: 1_000 }))).rows;
      expect(found).toEqual(all.filter(matches));
      expect(found.length).toBeLessThan(all.length);
    }
  });
});

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

describe('rate counters', () => {
  it('hold what each key asked for in each second, with the reasons of what was refused', async () => {
    const keyId = placedIn(account)[0]?.data.keyId;
    const rows = await ask(new ListRateCounters(account, keyId as never, nine, epochMs(nine + 3_600_000)));
    const placed = placedIn(account).filter(({ data }) => data.keyId === keyId);
    expect(rows.reduce((sum, row) => sum + row.accepted, 0)).toBe(placed.length);
    for (const { reasons, refused } of rows) {
      expect(Object.values(reasons).reduce((sum, count) => sum + count, 0)).toBe(refused);
    }
    expect(rows.some(({ refused }) => refused > 0)).toBe(true);
  });
});

describe('keys', () => {
  it('leave a gateway to read the log where no projector has ever been', () => {
    expect(beforeProjectors).toBeUndefined();
  });

  it('give a gateway the very registry that it would read out of the log', async () => {
    const registry = new KeyRegistry({} as never, () => Promise.resolve(position(eventCount)));
    registry.apply(events, nine);
    const found = await new KeyQueries(db).registryRows();
    expect(found?.next).toBe(eventCount);
    expect(found?.rows).toHaveLength(registry.keyCount);
    for (const row of found?.rows ?? []) expect(row).toEqual(registry.find(row.keyId));
    expect(found?.accountRates.length).toBeGreaterThan(2);
    for (const { accountId, mode, ...rate } of found?.accountRates ?? [])
      expect(rate).toEqual(registry.accountRates.of(accountId, mode));
  });

  it('are listed by account, operators’ keys apart', async () => {
    const { rows } = await ask(new ListKeys(account, null, { limit: 10 }));
    expect(rows.map(({ credential }) => credential.kind)).toEqual(['ed25519', 'secret', 'secret', 'secret']);
    const [, child, , parent] = rows;
    expect(child?.parentKeyId).toBe(parent?.keyId);
    expect(rows.map(({ above }) => above.revokedAtMs)).toEqual([null, parent?.revokedAtMs, null, null]);
    expect((await ask(new ListKeys(null, null, { limit: 10 }))).rows).toEqual([]);
  });
});

describe('the audit trail', () => {
  it('has every event in the order of the log, each chained to the one before it', async () => {
    const trail = await ask(
      new ListAuditEvents({ accountId: null, mode: null, fromPosition: position(0), limit: 1_000 }),
    );
    expect(trail.map((event) => event.eventId)).toEqual(events.slice(0, 1_000).map((event) => event.id));
    expect(trail.map((event) => event.onBehalfOf)).toEqual(events.slice(0, 1_000).map((event) => event.onBehalfOf));
    const own = await ask(
      new ListAuditEvents({ accountId: account, mode: null, fromPosition: position(0), limit: 500 }),
    );
    for (const [at, event] of own.slice(1).entries()) expect(event.prevHash).toBe(own[at]?.hash);
    const rest = await ask(
      new ListAuditEvents({
        accountId: account,
        mode: null,
        fromPosition: own[100]?.position as Position,
        limit: 400,
      }),
    );
    expect(rest).toEqual(own.slice(100));
  });

  it('says who authorised a call, with the limits of that moment and what led there', async () => {
    let older = 0;
    const kinds = new Set<string | undefined>();
    for (const placed of placedIn(account)) {
      const found = await ask(new FindAuthorisation(placed.data.callId));
      expect(found?.key).toMatchObject({ keyId: placed.data.keyId, keyVersion: placed.onBehalfOf?.keyVersion });
      const policies = events.flatMap(({ data, position: at }) =>
        at < placed.position && 'policy' in data && data.keyId === placed.data.keyId ? [data.policy] : [],
      );
      expect(found?.key.policy).toEqual(policies.at(-1));
      const now = await ask(new FindKey(placed.data.keyId));
      if (now !== undefined && now.policyHash === found?.key.policyHash && now.keyVersion > found.key.keyVersion)
        older += 1;
      const types = found?.chain.map((event) => event.type) ?? [];
      const { kind } = found?.key ?? {};
      kinds.add(kind);
      const began = kind === 'signing' ? 'SigningKeyRegistered' : 'KeyIssued';
      expect(types.slice(0, 3)).toEqual(['AccountOpened', 'AccountVerified', began]);
      expect(types).toContain('CallPlaced');
      expect(found?.chain.map((event) => event.position)).toEqual(
        [...(found?.chain ?? [])].map((event) => event.position).sort((left, right) => left - right),
      );
    }
    expect(older).toBeGreaterThan(0);
    expect(kinds).toEqual(new Set(['secret', 'signing']));
  });

  it('does not know who authorised a call that never was', async () => {
    expect(await ask(new FindAuthorisation('cs_7ZZZZZZZZZZZZZZZZZZZZZZZZZ' as CallId))).toBeUndefined();
  });
});

describe('accounts', () => {
  it('are listed newest first and found by id', async () => {
    const page = await ask(new ListAccounts({ limit: 4 }));
    expect(page.rows.map(({ accountId }) => accountId)).toEqual([...history.accountIds].reverse().slice(0, 4));
    expect(page.next).not.toBeNull();
    expect(await ask(new FindAccount(account))).toMatchObject({
      accountId: account,
      currency: 'USD',
    });
  });

  it('stand as their last events say: suspended, resumed, and within the limits that were set last', async () => {
    const statuses = new Set<unknown>();
    let limited = 0;
    for (const accountId of history.accountIds) {
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
});

describe.each(['live', 'test'] as const)('what is seen of the mode %s alone', (mode) => {
  it('is every call of it, page by page, and none of the other', async () => {
    const expected = placedIn(account).filter(({ data }) => data.mode === mode);
    expect(expected.length).toBeGreaterThan(10);
    const found: CallRow[] = [];
    for (let cursor: PageRequest['cursor'] = undefined; ;) {
      const page: Page<CallRow> = await ask(new ListCalls({ accountId: account, mode }, { limit: 7, cursor }));
      found.push(...page.rows);
      if (page.next === null) break;
      cursor = { after: page.next };
    }
    expect(found.map(({ callId }) => callId)).toEqual(expected.map(({ data }) => data.callId).reverse());
  });

  it('is its own book, which balances by itself', async () => {
    const [book, ...others] = await ask(new ListBalances(account, mode));
    expect([book?.book, others]).toEqual([mode, []]);
    expect(await ask(new ListBalances(account, null))).toContainEqual(book);
    const trial = await ask(new GetTrialBalance(account, mode));
    expect(new Set(trial.turnovers.map((turnover) => turnover.book))).toEqual(new Set([mode]));
    expect([trial.balanced, trial.debitMicros]).toEqual([true, trial.creditMicros]);
  });

  it('is its own usage', async () => {
    const to = epochMs(nine + 3 * 86_400_000);
    const rows = await ask(new ListUsage({ accountId: account, mode, groupBy: 'total', by: 'none', from: nine, to }));
    const calls = placedIn(account).filter(({ data }) => data.mode === mode);
    expect(rows).toMatchObject([{ mode, calls: calls.length }]);
  });

  it('is its own keys', async () => {
    const all = (await ask(new ListKeys(account, null, { limit: 10 }))).rows;
    const { rows } = await ask(new ListKeys(account, mode, { limit: 10 }));
    expect(rows).toEqual(all.filter((key) => key.mode === mode));
  });

  it('is its own events and those of the account as a whole, in order, and it is found without reading past the others', async () => {
    const fromPosition = position(0);
    const listed = await ask(new ListAuditEvents({ accountId: account, mode, fromPosition, limit: 1_000 }));
    const expected = events.filter(
      (event) => event.stream === account && isOfMode({ type: event.data.type, mode: event.mode }, mode),
    );
    expect(listed.map(({ eventId }) => eventId)).toEqual(expected.slice(0, 1_000).map(({ id }) => id));
    expect(listed.map(({ type }) => type)).toContain('AccountOpened');
    const [index] = await db.query<{ predicate: string }>(
      `select pg_get_expr(indpred, indrelid) as predicate from pg_index
       where indexrelid = ('audit_trail.event_of_stream_' || $1)::regclass`,
      [mode],
    );
    const types = mode === 'test' ? accountWideEvents : [];
    const named = [...(index?.predicate ?? '').matchAll(/'(\w+)'/g)].map(([, word]) => word);
    expect(named.filter((word) => word !== mode)).toEqual([...types]);
  });
});

describe('a page of calls', () => {
  it('stays the same while others come in', async () => {
    const first = await ask(new ListCalls({ accountId: account, mode: null }, { limit: 5 }));
    const cursor = { after: first.next as Position };
    const second = await ask(new ListCalls({ accountId: account, mode: null }, { limit: 5, cursor }));
    await history.appendTo(store, 1_000);
    await write(db, [1_000]);
    const again = await ask(new ListCalls({ accountId: account, mode: null }, { limit: 5, cursor }));
    expect(again.rows.map(({ callId }) => callId)).toEqual(second.rows.map(({ callId }) => callId));
    const newer = await ask(
      new ListCalls(
        { accountId: account, mode: null },
        { limit: 1_000, cursor: { before: first.rows[0]?.placedPosition as Position } },
      ),
    );
    expect(newer.rows.length).toBeGreaterThan(0);
  });
});

/** What a gateway asks: the buses, and behind them these read models. */
function asked(database: PostgresSqlDatabase): new () => object {
  class Database {}
  const providers = [
    { provide: READ_DATABASE, useValue: database },
    { provide: CALENDAR, useValue: exampleCalendar },
  ];
  Module({ providers, exports: [READ_DATABASE, CALENDAR] })(Database);
  class Root {}
  Module({ imports: [{ module: Database, global: true }, CqrsModule.forRoot(), ReadModelsModule] })(Root);
  return Root;
}

function ask<Result>(query: Query<Result>): Promise<Result> {
  return app.get(QueryBus, { strict: false }).execute(query);
}

async function write(into: PostgresSqlDatabase, sizes: readonly number[]): Promise<void> {
  for (const projection of allProjections) {
    const checkpoint = await ensureSchema(into, projection);
    const writer = new ProjectionWriter(into, projection, projection.name, checkpoint, noProjectionMetrics);
    for (let round = 0; ; round += 1) {
      const batch = await feed.read(writer.next, sizes[round % sizes.length] ?? 1);
      if (batch.length === 0) break;
      await writer.advance(batch);
    }
  }
}

async function dumped(name: string): Promise<readonly string[]> {
  const lines: string[] = [];
  await dump(db, name, (line) => lines.push(line));
  return lines;
}

function placedIn(accountId: AccountId): readonly RecordedEnvelope<CallPlaced>[] {
  return events.filter(
    (event): event is RecordedEnvelope<CallPlaced> => event.stream === accountId && event.data.type === 'CallPlaced',
  );
}

function eventsOfCalls(): ReadonlyMap<CallId, readonly RecordedEnvelope[]> {
  const calls = new Map<CallId, RecordedEnvelope[]>();
  for (const event of events) {
    if (!('callId' in event.data) || event.stream !== account) continue;
    const own = calls.get(event.data.callId) ?? [];
    own.push(event);
    calls.set(event.data.callId, own);
  }
  return calls;
}

function isEnd(type: string): boolean {
  return type === 'CallCompleted' || type === 'CallFailed';
}
