import { PlatformProcess } from '@ringfence/e2e/platform-process';
import { findEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { openPool } from '@ringfence/sql-postgres/pool';
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import { type Bench, type BenchRow, median, rounds } from './bench.js';
import { type Build, builds } from './beside.js';
import { drained, initiatePath, issueWideKey } from './http/platform.js';

/** The default of RINGFENCE_LOG_HOT_EVENTS, and the events of a segment. */
const hotEvents = 65_536;
const segmentEvents = 16_384;
const eventsPerCall = 4;
/**
 * Calls that fill the hot window and four segments: by then the table of rows has its size, which is that of the
 * window and of what arrives while a segment is moved.
 */
const warmCalls = (hotEvents + 4 * segmentEvents) / eventsPerCall;
/** Whole-life calls that are measured: those of so many segments, so that as many events are moved as arrive. */
const calls = (segmentEvents / eventsPerCall) * Number(process.env['RINGFENCE_BENCH_SEGMENTS'] ?? 4);
const perSecond = 250;
const connections = 64;
const settleWithinMs = 300_000;
/** Time after which a call that was refused for overload is sent again. */
const retryAfterMs = 1_000;
/** Time without a new event after which every call has ended. */
const quietMs = 2_000;
const targets = { diskShare: 0.2, walShare: 0.5 };

type Sizes = { readonly relations: Readonly<Record<string, number>>; readonly walBytes: number };
type Round = { readonly disk: number; readonly wal: number; readonly relations: Readonly<Record<string, number>> };

/** Bytes of a call on disk and in the WAL once the hot window is full: between two moments, all relations counted. */
export const storageBench: Bench = {
  name: 'storage',
  title: 'Bytes of a whole-life call, every number and URL different, after the hot window',
  run: async (progress) => {
    const measured: Record<Build['build'], Round[]> = { this: [], beside: [] };
    for (let round = 1; round <= rounds; round += 1) {
      for (const { build, main } of builds) {
        const found = await oneRound(main);
        measured[build].push(found);
        progress(`round ${String(round)}: ${build} ${text(found.disk)} on disk, ${text(found.wal)} of WAL a call`);
      }
    }
    return { rows: rowsOf(measured), details: measured };
  },
};

function rowsOf({ this: ours, beside }: Record<Build['build'], readonly Round[]>): readonly BenchRow[] {
  const rows: BenchRow[] = [];
  for (const [what, of, share] of [
    ['disk', (round: Round) => round.disk, targets.diskShare],
    ['WAL', (round: Round) => round.wal, targets.walShare],
  ] as const) {
    const own = median(ours.map(of));
    const other = beside.length === 0 ? undefined : median(beside.map(of));
    rows.push({
      what: `${what} a call`,
      figure: `${text(own)}${other === undefined ? '' : `; beside ${text(other)}, ratio ${(own / other).toFixed(2)}`}`,
      goal: other === undefined ? '' : `≤ ${String(share)} of the build beside`,
      met: other === undefined ? null : own <= other * share,
    });
  }
  const schemas = new Set(ours.flatMap(({ relations }) => Object.keys(relations)));
  for (const schema of [...schemas].sort())
    rows.push({
      what: `of it ${schema}`,
      figure: text(median(ours.map(({ relations }) => relations[schema] ?? 0))),
      goal: '',
      met: null,
    });
  return rows;
}

async function oneRound(main: string | undefined): Promise<Round> {
  const env = { RINGFENCE_LOG_LEVEL: 'warn', RINGFENCE_SANDBOX_SPEED: '100' };
  const platform = await PlatformProcess.start({ env, ...(main === undefined ? {} : { main }) });
  const url = await findEmbeddedPostgres(platform.dataDir);
  if (url === undefined) throw new Error('the platform has no embedded database');
  const pool = openPool(url, { connectionsMax: 1 });
  try {
    const { key } = await issueWideKey(platform);
    const [first = ''] = await placeCalls(platform, key, 0, warmCalls);
    const before = await settled(platform, pool);
    await placeCalls(platform, key, warmCalls, calls);
    const after = await settled(platform, pool);
    await checkFirst(platform, key, first);
    const relations: Record<string, number> = {};
    for (const [name, bytes] of Object.entries(after.relations))
      relations[name] = (bytes - (before.relations[name] ?? 0)) / calls;
    const disk = Object.values(relations).reduce((sum, bytes) => sum + bytes, 0);
    return { disk, wal: (after.walBytes - before.walBytes) / calls, relations };
  } finally {
    await pool.end();
    await platform.discard();
  }
}

/** Places calls at a fixed rate, no two alike. @returns their ids */
async function placeCalls(
  platform: PlatformProcess,
  key: string,
  from: number,
  count: number,
): Promise<readonly string[]> {
  const ids: string[] = [];
  const beganMs = performance.now();
  let next = 0;
  const line = async () => {
    for (let at = next++; at < count; at = next++) {
      await pause(Math.max(0, beganMs + (at * 1_000) / perSecond - performance.now()));
      ids[at] = await placeCall(platform, key, from + at);
    }
  };
  await Promise.all(Array.from({ length: connections }, line));
  return ids;
}

async function placeCall(platform: PlatformProcess, key: string, call: number): Promise<string> {
  for (;;) {
    const { status, json } = await platform.ask(key, 'POST', initiatePath, bodyOf(call));
    if (status === 202) return (json as { readonly id: string }).id; // the answer to an accepted call
    if (status !== 503) throw new Error(`a call was not accepted: ${String(status)} ${JSON.stringify(json)}`);
    await pause(retryAfterMs);
  }
}

function bodyOf(call: number) {
  const flow = ((call * 2_654_435_761) % 2 ** 32).toString(36);
  return {
    from_number: `+1212${String(2_000_000 + ((call * 7_919) % 7_000_000))}`,
    to_number: `+1310${String(2_000_000 + call * 37)}`,
    status_callback_url: `http://127.0.0.1:9/apps/${String(call % 977)}/flows/${flow}/start`,
  };
}

/** Waits until every call has ended, read models are complete and no whole segment waits. @returns sizes then */
async function settled(platform: PlatformProcess, pool: Pool): Promise<Sizes> {
  const deadlineMs = performance.now() + settleWithinMs;
  const { rows } = await pool.query<{ pages: boolean }>(`select to_regclass('log.page') is not null as pages`);
  for (let last = ''; ;) {
    const found = await pool.query<State>(rows[0]?.pages === true ? segmentedSql : rowsSql);
    const state = JSON.stringify(found.rows);
    if (state === last && found.rows[0]?.waiting === false) break;
    if (performance.now() > deadlineMs) throw new Error(`the platform does not settle: ${state}`);
    last = state;
    await pause(quietMs);
  }
  await drained(platform, settleWithinMs);
  const found = await pool.query<{ name: string; bytes: string }>(sizesSql);
  const wal = await pool.query<{ bytes: string }>(`select pg_current_wal_lsn() - '0/0' as bytes`);
  return {
    relations: Object.fromEntries(found.rows.map(({ name, bytes }) => [name, Number(bytes)])),
    walBytes: Number(wal.rows[0]?.bytes),
  };
}

/** The first call of the round, which is in a segment by now, is shown as it was placed. */
async function checkFirst(platform: PlatformProcess, key: string, id: string): Promise<void> {
  const { status, json } = await platform.ask(key, 'GET', `/api/v1/voice/calls/${id}`);
  const shown = JSON.stringify(json);
  if (status !== 200 || !shown.includes(bodyOf(0).to_number) || !shown.includes('completed'))
    throw new Error(`the first call is not what was placed: ${String(status)} ${shown}`);
}

function text(bytes: number): string {
  return `${Math.round(bytes).toLocaleString('en')} bytes`;
}

type State = { readonly waiting: boolean };

const rowsSql = 'select next, false as waiting from log.head';
const segmentedSql = `select next, in_rows >= ${String(hotEvents + segmentEvents)} as waiting
  from (select next, next - (select count(*) * 256 from log.page) as in_rows from log.head) as log`;
// The tables of the log one by one, others by schema.
const sizesSql = `select case when schemaname = 'log' then 'log.' || relname else schemaname end as name,
    sum(pg_total_relation_size(relid)) as bytes
  from pg_stat_user_tables group by 1`;
