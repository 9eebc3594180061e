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
/** The advisory lock of the first start; any constant number will do. */
const firstStartLock = 7_350_003;

/**
 * Makes an empty platform ready for its first call. No other process does so meanwhile: the lock is released by
 * `shown`, or by the end of this process.
 * @returns null: the log was begun by other means
 */
export async function runFirstStart(
  process: Needs<'openedLog' | 'store' | 'vault' | 'hasher' | 'ids' | 'clock' | 'storePool' | 'signal' | 'undo'>,
  dispatcher: CommandDispatcher,
): Promise<FirstStartOutcome> {
  const { openedLog, store, vault, hasher, ids, clock, storePool, signal, undo } = process;
  // At nearly every start; then there is nothing to wait for, whichever process has the lanes.
  const ready = await alreadyReady({ log: openedLog, store });
  if (ready !== null) return outcomeOf(ready);
  // Two at once would issue the first keys twice, and the second would replace those that the first has shown.
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

/** Retries until decided: the lanes' owner may not be ready yet. Each attempt has the same command ids. */
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
 * Waits for the lock. The lock ends with its connection, so that a process that dies releases it.
 * @returns releases the lock; a second call does nothing
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
    // Polls, because a statement that waits for a lock cannot be aborted by a signal.
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
