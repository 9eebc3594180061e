import { createHash } from 'node:crypto';
import { pause, type Timers } from '@ringfence/kernel/timers';
import type { Pool, PoolClient } from 'pg';
import { Absences } from './absences.js';

/** Interval at which the locks are checked. */
export const presenceLookMs = 250;
const retryMs = 100;
/** Lock space of these advisory locks; any fixed number. */
const lockSpace = 7_350_004;

type PresenceParts = {
  readonly pool: Pool;
  readonly timers: Timers;
  /** Name of this process among those that watch each other, the same after a restart. */
  readonly member: string;
  /** Called for members whose processes have ended, or have lost the database for a while. Must not throw. */
  readonly onGone: (isGone: (member: string) => boolean) => void;
  /** Called for each failure that is retried. Must not throw. */
  readonly onRetryableError: (cause: unknown) => void;
};

/**
 * The living processes of a kind, according to the database's sessions: each holds an advisory lock in a session of its
 * own. When a process dies, its operating system closes its connections, which frees its lock at once; a process that
 * is merely paused keeps it, because the database sees no difference.
 */
export class PostgresPresence {
  readonly #ending = new AbortController();
  readonly #lock: number;
  #running = Promise.resolve();
  #others = 0;

  private constructor(private readonly parts: PresenceParts) {
    this.#lock = lockOf(parts.member);
  }

  /** Settles when the others can see this process, as soon as the database permits it. */
  static async start(parts: PresenceParts): Promise<PostgresPresence> {
    const presence = new PostgresPresence(parts);
    await new Promise<void>((resolve) => {
      presence.#running = presence.#run(resolve);
    });
    return presence;
  }

  /** Says whether there were others at the last look. */
  get hasOthers(): boolean {
    return this.#others > 0;
  }

  /** Stops: from now on this process counts as gone. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(onPresent: () => void): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      await this.#hold(onPresent).catch(this.parts.onRetryableError);
      this.#others = 0;
      await pause(this.parts.timers, retryMs, signal);
    }
  }

  async #hold(onPresent: () => void): Promise<void> {
    const { pool, timers } = this.parts;
    const client = await pool.connect();
    const broken = new AbortController();
    const over = AbortSignal.any([this.#ending.signal, broken.signal]);
    const isBroken = () => {
      broken.abort();
    };
    client.on('error', isBroken).on('end', isBroken);
    try {
      // Shared, so that two processes with the same name are both present.
      await client.query('select pg_advisory_lock_shared($1, $2)', [lockSpace, this.#lock]);
      onPresent();
      // Looks over an earlier connection do not count: when ours was cut, so were others.
      const absences = new Absences<number>();
      while (!over.aborted) {
        await this.#look(client, absences);
        await pause(timers, presenceLookMs, over);
      }
    } finally {
      client.off('error', isBroken).off('end', isBroken);
      client.release(true);
    }
  }

  async #look(client: PoolClient, absences: Absences<number>): Promise<void> {
    const { rows } = await client.query<{ readonly lock: number }>(lookQuery);
    const present = new Set(rows.map(({ lock }) => lock));
    this.#others = [...present].filter((lock) => lock !== this.#lock).length;
    const gone = absences.look(present);
    if (gone.length > 0) this.parts.onGone((member) => gone.includes(lockOf(member)));
  }
}

const lookQuery = {
  name: 'presence.look',
  text: `select distinct objid::bigint::bit(32)::integer as lock from pg_locks
    where locktype = 'advisory' and classid = ${String(lockSpace)} and objsubid = 2 and granted
      and database = (select oid from pg_database where datname = current_database())`,
};

function lockOf(member: string): number {
  return createHash('sha256').update(member).digest().readInt32BE(0);
}
