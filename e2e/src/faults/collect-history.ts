import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventIn, type EventRow, streamOf } from '@ringfence/event-store-postgres/log-page';
import { position } from '@ringfence/kernel/units';
import type { RecordedEvent, RecordedOutcome } from '@ringfence/ports/log/event-store';
import type { CommandId } from '@ringfence/kernel/ids';
import { reachedSql } from '@ringfence/projections/checkpoints';
import pg from 'pg';
import { until } from '../test-accounts.js';
import { projectionRows } from '../projection-rows.js';
import type { KeptRun, TableCompared, BookTurnover } from './kept-run.js';

const cli = fileURLToPath(new URL('../../../apps/cli/dist/main.js', import.meta.url));
const restWithinMs = 120_000;
/** Time without a new event after which the log is taken to be complete. */
const quietMs = 2_000;
const differingShownMax = 10;

/**
 * Waits until every call has ended, no event arrives and every read model has all of them.
 * @throws Error if it does not settle
 */
export async function untilSettled(databaseUrl: string): Promise<void> {
  await onDatabase(databaseUrl, async (client) => {
    await until(
      'every call has come to its end',
      restWithinMs,
      async () => (await countOf(client, openCallsSql)) === 0,
    );
    let head = -1;
    let since = performance.now();
    await until('the log is at its end, and the read models with it', restWithinMs, async () => {
      const now = await countOf(client, 'select next as count from log.head');
      if (now !== head) [head, since] = [now, performance.now()];
      const behind = await countOf(
        client,
        `select count(*) from projection.checkpoint c where ${reachedSql} < (select next from log.head)`,
      );
      return performance.now() - since > quietMs && behind === 0;
    });
  });
}

/** Copies the log and the books. */
export async function copyLog(databaseUrl: string): Promise<Pick<KeptRun, 'recorded' | 'outcomes' | 'turnovers'>> {
  return onDatabase(databaseUrl, async (client) => ({
    recorded: await logOf(client),
    outcomes: await outcomesOf(client),
    turnovers: (await client.query<BookTurnover>(turnoversSql)).rows,
  }));
}

/**
 * Compares the read models with rebuilt ones.
 * @throws Error if they cannot be rebuilt
 */
export async function compareReadModels(databaseUrl: string): Promise<readonly TableCompared[]> {
  return onDatabase(databaseUrl, async (client) => {
    const live = await projectionRows(client);
    const env = { PATH: process.env['PATH'], DATABASE_URL: databaseUrl };
    await promisify(execFile)(process.execPath, [cli, 'projections', 'rebuild', '--all', '--json'], {
      env,
      maxBuffer: 1 << 26,
    });
    const rebuilt = await projectionRows(client);
    const names = [...new Set([...Object.keys(live), ...Object.keys(rebuilt)])];
    return names.map((table) => compared(table, live[table] ?? [], rebuilt[table] ?? []));
  });
}

function compared(table: string, live: readonly string[], rebuilt: readonly string[]): TableCompared {
  const [one, other] = [new Set(live), new Set(rebuilt)];
  const differing = [
    ...live.filter((row) => !other.has(row)).map((row) => `live: ${row}`),
    ...rebuilt.filter((row) => !one.has(row)).map((row) => `rebuilt: ${row}`),
  ];
  if (differing.length === 0 && live.length !== rebuilt.length)
    differing.push(`live: ${String(live.length)} rows, rebuilt: ${String(rebuilt.length)}`);
  return { table, rows: rebuilt.length, differing: differing.slice(0, differingShownMax) };
}

async function logOf(client: pg.Client): Promise<readonly RecordedEvent[]> {
  const { rows } = await client.query<EventRow>(
    'select position, stream, version, type, subject, bytes from log.event order by position',
  );
  return rows.map(eventIn);
}

async function outcomesOf(client: pg.Client): Promise<readonly RecordedOutcome[]> {
  const { rows } = await client.query<OutcomeRow>(
    'select stream, command_id, fingerprint, accepted, body, position from log.outcome',
  );
  return rows.map((row) => ({
    stream: streamOf(row.stream),
    commandId: row.command_id as CommandId, // the log's own column
    fingerprint: row.fingerprint,
    accepted: row.accepted,
    body: row.body,
    position: position(Number(row.position)),
  }));
}

type OutcomeRow = {
  readonly stream: string;
  readonly command_id: string;
  readonly fingerprint: Buffer;
  readonly accepted: boolean;
  readonly body: Buffer;
  readonly position: string;
};

const openCallsSql = `select count(*) filter (where type like 'ringfence.call.placed.%')
  - count(*) filter (where type like 'ringfence.call.completed.%' or type like 'ringfence.call.failed.%') as count from log.event`;
const turnoversSql = `select account_id as account, book,
  (cash_debit_micros + available_debit_micros + reserved_debit_micros + revenue_debit_micros)::text as "debitMicros",
  (cash_credit_micros + available_credit_micros + reserved_credit_micros + revenue_credit_micros)::text as "creditMicros"
  from ledger.balance order by 1, 2`;

async function countOf(client: pg.Client, sql: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>(sql);
  return Number(rows[0]?.count);
}

async function onDatabase<Result>(url: string, use: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
