import { setTimeout as sleep } from 'node:timers/promises';
import { alreadyReady, bootstrap, type Bootstrapped, type FirstSecrets } from '@ringfence/bootstrap/bootstrap';
import type { CommandDispatcher } from '@ringfence/commands/command-dispatcher';
import { isRetryable } from '@ringfence/kernel/failure';
import type { AccountId } from '@ringfence/kernel/ids';
import type { Pool, PoolClient } from 'pg';
import { startFailures } from '../start/start-failures.js';
import type { Needs } from '../server-process.js';

export type FirstStartOutcome = {
  readonly accountId: AccountId;
  readonly secrets: FirstSecrets | null;
  readonly shown: () => Promise<void>;
} | null;

const decidedWithinMs = 60_000;
const retryAfterMs = 200;
/** One process at a time makes an empty platform ready; any number that never changes will do. */
const firstStartLock = 7_350_003;

/**
 * Makes an empty platform ready for its first call. null: the log was begun by other means. No other process does the same meanwhile: the lock is
 * released by `shown`, or by the end of this process.
 */
export async function runFirstStart(
  process: Needs<'openedLog' | 'store' | 'vault' | 'hasher' | 'ids' | 'clock' | 'storePool' | 'signal' | 'undo'>,
  dispatcher: CommandDispatcher,
): Promise<FirstStartOutcome> {
  const { openedLog, store, vault, hasher, ids, clock, storePool, signal, undo } = process;
  // As at nearly every start: then there is nothing to wait for, whichever process has the lanes.
  const ready = await alreadyReady({ log: openedLog, store });
  if (ready !== null) return outcomeOf(ready);
  // Two at once would issue the first keys twice, and the second would replace what the first has shown.
  const release = await lockFirstStart(storePool, signal);
  undo.push(() => {
    release();
    return Promise.resolve();
  });
  const parts = { log: openedLog, store, dispatcher, vault, hasher, ids, clock };
  const done = await untilDecided(() => bootstrap(parts), signal);
  if (done.kind === 'ready' && done.secrets !== null) return { ...done, shown: () => done.shown().finally(release) };
  release();
  return outcomeOf(done);
}

function outcomeOf(done: Bootstrapped): FirstStartOutcome {
  return done.kind === 'not_ours' ? null : done;
}

/** Who has the lanes may still be finding out about it; every step is the same command each time. */
async function untilDecided<Done>(work: () => Promise<Done>, signal: AbortSignal): Promise<Done> {
  const deadline = performance.now() + decidedWithinMs;
  for (;;) {
    try {
      return await work();
    } catch (failure) {
      if (!isRetryable(failure) || signal.aborted || performance.now() > deadline) throw failure;
    }
    await pause(signal);
  }
}

/**
 * Waits until no other process holds the lock. The lock ends with its connection, so that a process that dies releases it.
 * @returns lets go of it; again does no harm
 */
export async function lockFirstStart(pool: Pool, signal: AbortSignal): Promise<() => void> {
  const client = await pool.connect();
  client.on('error', () => undefined);
  let held = true;
  const release = () => {
    if (held) client.release(true);
    held = false;
  };
  try {
    // Asked again and again: a statement that waits for a lock hears of no signal.
    while (!(await isOurs(client))) {
      if (signal.aborted) throw startFailures.start_given_up();
      await pause(signal);
    }
    return release;
  } catch (failure) {
    release();
    throw failure;
  }
}

async function isOurs(client: PoolClient): Promise<boolean> {
  const sql = 'select pg_try_advisory_lock($1) as ours';
  const { rows } = await client.query<{ readonly ours: boolean }>(sql, [firstStartLock]);
  return rows[0]?.ours === true;
}

function pause(signal: AbortSignal): Promise<void> {
  return sleep(retryAfterMs, undefined, { signal }).catch(() => undefined);
}
