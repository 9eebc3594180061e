import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
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
    const listener = new EventListener(pool as unknown as Pool);
    const stopping = new AbortController();
    const growth = listener.growth(60_000, stopping.signal);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await pool.asked();
      expect(pool.out).toBe(1);
    }
    stopping.abort();
    await growth;
    await listener.close();
    expect(pool.out).toBe(0);
  });
});
