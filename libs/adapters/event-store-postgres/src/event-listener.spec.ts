import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { type Position, position } from '@ringfence/kernel/units';
import type { Pool } from 'pg';
import { EventListener } from './event-listener.js';

/** A pool of a server that accepts connections and does not let them listen, like one in recovery. */
class StandbyPool {
  out = 0;
  #asked: (() => void)[] = [];

  connect(): Promise<object> {
    this.out += 1;
    for (const tell of this.#asked.splice(0)) tell();
    const refused = () => Promise.reject(Object.assign(new Error('in recovery'), { code: '25006' }));
    const client = Object.assign(new EventEmitter(), { query: refused, release: () => (this.out -= 1) });
    return Promise.resolve(client);
  }

  asked(): Promise<void> {
    return new Promise((resolve) => this.#asked.push(resolve));
  }
}

describe('who listens for the growth of the log', () => {
  it('gives back a connection on which it may not listen, before it tries another', async () => {
    const pool = new StandbyPool();
    const head = () => Promise.reject(new Error('in recovery'));
    const listener = new EventListener({ pool: pool as unknown as Pool, head, announces: true });
    const stopping = new AbortController();
    const growth = listener.growth(stopping.signal);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await pool.asked();
      expect(pool.out).toBe(1);
    }
    stopping.abort();
    await growth;
    await listener.close();
    expect(pool.out).toBe(0);
  });

  it('looks at the head once for all who wait, and answers only those who waited before', async () => {
    const asked: ((head: Position) => void)[] = [];
    const looks: (() => void)[] = [];
    const looking = new Promise<void>((resolve) => looks.push(resolve));
    const head = () => {
      for (const begun of looks.splice(0)) begun();
      return new Promise<Position>((resolve) => asked.push(resolve));
    };
    const pool = new StandbyPool();
    const listener = new EventListener({ pool: pool as unknown as Pool, head, announces: true });
    const stopping = new AbortController();
    const waiting = [1, 2, 3].map(() => listener.growth(stopping.signal));
    await looking;
    let isLateSettled = false;
    const late = listener.growth(stopping.signal).finally(() => (isLateSettled = true));
    asked[0]?.(position(7));
    expect(await Promise.all(waiting)).toEqual([7, 7, 7]);
    expect([asked.length, isLateSettled]).toEqual([1, false]);
    stopping.abort();
    expect(await late).toBeUndefined();
    await listener.close();
  });

  it('notifies its own readers of a commit at once, and other processes only where there are any', async () => {
    for (const announces of [true, false]) {
      const announcements = new EventEmitter();
      const query = () => Promise.resolve(announcements.emit('sent'));
      const pool = Object.assign(new StandbyPool(), { query });
      const head = () => Promise.reject(new Error('nobody looks'));
      const listener = new EventListener({ pool: pool as unknown as Pool, head, announces });
      const sent = once(announcements, 'sent', { signal: AbortSignal.timeout(announces ? 5_000 : 60) });
      const growth = listener.growth(new AbortController().signal);
      listener.announce();
      expect(await growth).toBeUndefined();
      if (announces) await sent;
      else await expect(sent).rejects.toThrow('aborted');
      await listener.close();
    }
  });
});
