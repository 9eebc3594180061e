import type { PlatformProcess } from '@ringfence/e2e/platform-process';
import { findEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { openPool } from '@ringfence/sql-postgres/pool';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** Credit for a round, more than its calls can reserve. */
const roundCreditMicros = '1000000000000';

/** Issues a key without limits of its own, for an account that can pay for all its calls. */
export async function issueWideKey(
  platform: PlatformProcess,
  policy: object = {},
): Promise<{ readonly key: string; readonly keyId: string }> {
  const { adminKey, accountId } = platform.keys;
  const credit = { mode: 'test', amount_micros: roundCreditMicros };
  const paid = await platform.ask(adminKey, 'POST', `/api/v1/accounts/${accountId}/credit`, credit);
  if (paid.status !== 200) throw new Error(`no credit: ${String(paid.status)} ${JSON.stringify(paid.json)}`);
  const { status, json } = await platform.ask(adminKey, 'POST', '/api/v1/keys', {
    account_id: accountId,
    label: 'bench',
    mode: 'test',
    scopes: ['calls:write', 'calls:read', 'billing:read'],
    calls_per_second: 10_000,
    burst_calls: 10_000,
    lines_max: 100_000,
    project: 'bench',
    application: 'bench',
    ...policy,
  });
  if (status !== 201 || !isIssued(json)) throw new Error(`no key: ${String(status)} ${JSON.stringify(json)}`);
  return { key: json.secret, keyId: json.id };
}

function isIssued(value: unknown): value is { readonly secret: string; readonly id: string } {
  if (typeof value !== 'object' || value === null) return false;
  return 'secret' in value && typeof value.secret === 'string' && 'id' in value && typeof value.id === 'string';
}

export const callTo = (to_number: string) => ({
  from_number: '+14155550100',
  to_number,
});
/** A call that rings until it is hung up. Its flow is never requested; builds before flows do not place it without. */
export const ringsForEver = { ...callTo('+15005550006'), flow_url: 'https://app.example/flow' };
export const initiatePath = '/api/v1/voice/calls/initiate';

/** Waits until every projection has seen all of the log. @returns how long that took, in milliseconds */
export async function drained(platform: PlatformProcess, atMostMs: number): Promise<number> {
  const url = await findEmbeddedPostgres(platform.dataDir);
  if (url === undefined) throw new Error('the platform has no embedded database');
  const pool = openPool(url, { connectionsMax: 1 });
  const began = performance.now();
  try {
    while (performance.now() - began < atMostMs) {
      const { rows } = await pool.query<{ readonly waiting: string }>(waitingSql);
      if (Number(rows[0]?.waiting) === 0) return performance.now() - began;
      await pause(20);
    }
  } finally {
    await pool.end();
  }
  throw new Error(`projections are not drained after ${String(atMostMs)} ms`);
}

const waitingSql = `select (select next from log.head) - min(position) as waiting from projection.checkpoint`;

/** Returns how far the slowest projection is behind the log. */
export async function lagSeconds(platform: PlatformProcess): Promise<number> {
  const text = await (await fetch(`${platform.url}/metrics`)).text();
  const lags = [...text.matchAll(/^ringfence_projection_lag_seconds\{[^}]*\} (\S+)$/gm)].map(([, lag]) => Number(lag));
  if (lags.length === 0) throw new Error('the platform reports no projection lag');
  return Math.max(...lags);
}

/**
 * Returns the number of commands that the lanes of a platform have decided since it started, and the time that took
 * without commits.
 */
export async function decided(
  platform: PlatformProcess,
): Promise<{ readonly commands: number; readonly seconds: number }> {
  const text = await (await fetch(`${platform.url}/metrics`)).text();
  const sum = (metric: string): number => {
    const value = new RegExp(`^${metric}_sum (\\S+)$`, 'm').exec(text)?.[1];
    if (value === undefined) throw new Error(`the platform does not report ${metric}`);
    return Number(value);
  };
  return { commands: sum('ringfence_lane_batch_commands'), seconds: sum('ringfence_lane_decide_seconds') };
}

const ticksPerSecond = 100;

/** Returns the CPU seconds of processes and all their descendants. */
export async function cpuSeconds(pids: readonly number[]): Promise<number> {
  const stats = await processStats();
  const wanted = new Set(pids);
  for (let grown = true; grown;) {
    grown = false;
    for (const { pid, parent } of stats) {
      if (!wanted.has(pid) && wanted.has(parent)) {
        wanted.add(pid);
        grown = true;
      }
    }
  }
  return stats.filter(({ pid }) => wanted.has(pid)).reduce((sum, { ticks }) => sum + ticks, 0) / ticksPerSecond;
}

async function processStats() {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return found.flatMap((stat) => {
    const [head = '', tail = ''] = stat.split(') ', 2);
    const fields = tail.split(' ').map(Number);
    const [, parent = 0] = fields;
    // utime, stime, and those of ended children
    const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0);
    return stat === '' ? [] : [{ pid: Number.parseInt(head, 10), parent, ticks }];
  });
}

/** The postmaster of the embedded database in a data folder. */
export async function postmasterPid({ dataDir }: Pick<PlatformProcess, 'dataDir'>): Promise<number> {
  const text = await readFile(`${dataDir}/postgres/data/postmaster.pid`, 'utf8');
  return Number.parseInt(text, 10);
}

/** Returns the resident memory of a process. */
export async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024;
}
