import { systemTimers } from '@ringfence/runtime/system-timers';
import type { Timers } from '@ringfence/kernel/timers';
import { FakeTimers } from '@ringfence/testing/fake-timers';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { PostgresPresence, presenceLookMs } from './postgres-presence.js';

let database: ScratchDatabase;
beforeAll(async () => {
  database = await openScratchDatabase();
});
afterAll(() => database.close());

const members: Member[] = [];
afterEach(async () => {
  for (const member of members.splice(0)) await member.end();
});

/** A process: a pool of its own, whose sessions carry its name. */
class Member {
  readonly gone: string[] = [];
  #notify: () => void = () => undefined;

  private constructor(
    readonly name: string,
    private readonly pool: Pool,
    private presence: PostgresPresence | undefined,
  ) {
    members.push(this);
  }

  static async start(name: string, watched: readonly string[] = [], timers: Timers = systemTimers): Promise<Member> {
    const pool = openPool(database.url, { applicationName: name });
    const member = new Member(name, pool, undefined);
    member.presence = await PostgresPresence.start({
      pool,
      member: name,
      timers,
      onGone: (isGone) => {
        member.gone.push(...watched.filter(isGone));
        member.#notify();
      },
      onRetryableError: () => undefined,
    });
    return member;
  }

  get hasOthers(): boolean {
    return this.presence?.hasOthers ?? false;
  }

  /** Settles when it has been notified that somebody is gone. */
  notified(): Promise<void> {
    return new Promise((resolve) => {
      this.#notify = resolve;
      if (this.gone.length > 0) resolve();
    });
  }

  async seesOthers(expected: boolean): Promise<void> {
    while (this.hasOthers !== expected) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async end(): Promise<void> {
    await this.presence?.stop();
    this.presence = undefined;
    if (!this.pool.ended) await this.pool.end();
  }
}

/**
 * Cuts connections, as the operating system does for a killed process and a server for connections that it ends.
 * Settles when they are gone.
 */
async function cut(...names: readonly string[]): Promise<void> {
  const pool = openPool(database.url, { connectionsMax: 1, applicationName: 'cutter' });
  await pool.query('select pg_terminate_backend(pid, 60000) from pg_stat_activity where application_name = any($1)', [
    names,
  ]);
  await pool.end();
}

/** Settles when the database has each of them. */
async function untilThere(...names: readonly string[]): Promise<void> {
  const pool = openPool(database.url, { connectionsMax: 1, applicationName: 'onlooker' });
  const sql = `select distinct application_name from pg_locks join pg_stat_activity using (pid)
    where locktype = 'advisory' and granted and application_name = any($1)`;
  while ((await pool.query(sql, [names])).rows.length < names.length);
  await pool.end();
}

describe('which processes are there', () => {
  it('is said by their sessions: who ends is missed by who has seen it', async () => {
    const watcher = await Member.start('one', ['one', 'two', 'three']);
    const other = await Member.start('two');
    await watcher.seesOthers(true);
    await other.end();
    await watcher.notified();
    expect(watcher.gone).toEqual(['two']);
    expect(watcher.hasOthers).toBe(false);
  });

  it('is not judged by what was seen over a connection that was cut, for others were cut with it', async () => {
    const time = new FakeTimers();
    const watcher = await Member.start('one', ['two', 'three'], time);
    const goOnUntil = async (isSo: () => boolean) => {
      while (!isSo()) {
        await time.advance(presenceLookMs);
      }
    };
    const second = await Member.start('two');
    await goOnUntil(() => watcher.hasOthers);
    // Nobody looks in between: time does not advance.
    await second.end();
    await cut('one');
    await goOnUntil(() => !watcher.hasOthers);
    const third = await Member.start('three');
    await goOnUntil(() => watcher.hasOthers);
    await third.end();
    await goOnUntil(() => watcher.gone.length > 0);
    expect(watcher.gone).toEqual(['three']);
  });

  it('stays as it is when connections are cut and re-established', async () => {
    const time = new FakeTimers();
    const watcher = await Member.start('one', ['two', 'three'], time);
    const goOnUntil = async (isSo: () => boolean) => {
      while (!isSo()) await time.advance(presenceLookMs);
    };
    await Member.start('two');
    const third = await Member.start('three');
    await goOnUntil(() => watcher.hasOthers);
    // Back before the next look, however long that takes here.
    await cut('two');
    await untilThere('two');
    await cut('one', 'two', 'three');
    await goOnUntil(() => !watcher.hasOthers);
    await untilThere('two', 'three');
    await goOnUntil(() => watcher.hasOthers);
    // The watch goes on after that, and this one is really gone.
    await third.end();
    await goOnUntil(() => watcher.gone.length > 0);
    expect(watcher.gone).toEqual(['three']);
  });
});
