import { setTimeout as sleep } from 'node:timers/promises';
import { bootstrap, type FirstSecrets } from '@ringfence/application/bootstrap/bootstrap';
import type { CommandDispatcher } from '@ringfence/application/lane/command-dispatcher';
import { Failure } from '@ringfence/kernel/failure';
import type { AccountId } from '@ringfence/kernel/ids';
import type { Pool } from 'pg';
import type { Foundation } from './foundation.js';

export type FirstStartOutcome = {
  readonly accountId: AccountId;
  readonly secrets: FirstSecrets | null;
  readonly shown: () => Promise<void>;
} | null;

const decidedWithinMs = 60_000;
const retryAfterMs = 200;
/** One process at a time makes an empty platform ready; any number that never changes will do. */
const firstStartLock = 7_350_003;

/** Makes an empty platform ready for its first call. null: the log was begun by other means. */
export async function makeReady(foundation: Foundation, dispatcher: CommandDispatcher): Promise<FirstStartOutcome> {
  const { openedLog, store, vault, hasher, ids, clock, storePool } = foundation;
  // Two at once would issue the first keys twice, and whoever came second would take the place of what the first has shown.
  const release = await locked(storePool);
  try {
    const done = await untilDecided(() => bootstrap({ log: openedLog, store, dispatcher, vault, hasher, ids, clock }));
    if (done.kind === 'not_ours' || done.secrets === null) {
      await release();
      return done.kind === 'not_ours' ? null : done;
    }
    return { ...done, shown: () => done.shown().finally(release) };
  } catch (failure) {
    await release();
    throw failure;
  }
}

/** Who has the lanes may still be finding out about it; every step is the same command each time. */
async function untilDecided<Done>(work: () => Promise<Done>): Promise<Done> {
  const deadline = performance.now() + decidedWithinMs;
  for (;;) {
    try {
      return await work();
    } catch (failure) {
      if (!(failure instanceof Failure && failure.retryable) || performance.now() > deadline) throw failure;
    }
    await sleep(retryAfterMs);
  }
}

async function locked(pool: Pool): Promise<() => Promise<void>> {
  const client = await pool.connect();
  await client.query('select pg_advisory_lock($1)', [firstStartLock]);
  return async () => {
    await client.query('select pg_advisory_unlock($1)', [firstStartLock]);
    client.release();
  };
}
