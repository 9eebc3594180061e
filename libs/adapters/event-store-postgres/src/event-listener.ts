import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Notification, Pool, PoolClient } from 'pg';

const channel = 'ringfence_log';
const announceSql = `select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)`;
const reconnectMs = 500;
/** Minimum interval between announcements of commits to other processes. */
const announceEveryMs = 20;

/**
 * Notifies readers that the log has grown: immediately in this process, by NOTIFY in others, after the commit and never
 * as part of it. A lost notification only means waiting for the next poll.
 */
export class EventListener {
  readonly #waiting = new Set<() => void>();
  /** Identifies our own announcements, which are delivered to us as well. */
  readonly #self = randomUUID();
  #foreign = 0;
  #announcing = false;
  #listening: Promise<void> | undefined;
  #client: PoolClient | undefined;
  readonly #closing = new AbortController();

  constructor(private readonly pool: Pool) {}

  /** Number of announcements of others: while it is unchanged, nothing was missed. */
  get foreign(): number {
    return this.#foreign;
  }

  /** Wakes readers in this process immediately, and those of others soon. */
  announce(): void {
    this.#wake();
    if (this.#announcing || this.#closing.signal.aborted) return;
    this.#announcing = true;
    setTimeout(() => {
      this.#announcing = false;
      if (this.#closing.signal.aborted) return;
      // A notification is a commit of its own. Polling is the safety net, so nothing waits for the disk.
      void this.pool
        .query({ name: 'announce', text: announceSql, values: [channel, this.#self] })
        .catch(() => undefined);
    }, announceEveryMs).unref();
  }

  /** Settles when the log may have grown, after `atMostMs`, or when the signal aborts. */
  async growth(atMostMs: number, signal: AbortSignal): Promise<void> {
    this.#listening ??= this.#listen();
    await new Promise<void>((settled) => {
      const done = () => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        clearTimeout(timer);
        settled();
      };
      const timer = setTimeout(done, atMostMs);
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    this.#client?.release(true);
    this.#client = undefined;
    await this.#listening;
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  async #listen(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      await this.#listenOnce().catch(() => undefined); // retried in the next round
      await pause(reconnectMs, undefined, { ref: false, signal: this.#closing.signal }).catch(() => undefined);
    }
  }

  async #listenOnce(): Promise<void> {
    const client = await this.pool.connect();
    if (this.#closing.signal.aborted) {
      client.release();
      return;
    }
    this.#client = client;
    const ended = new Promise<void>((settled) => {
      client.once('end', () => {
        settled();
      });
      client.once('error', () => {
        settled();
      });
    });
    client.on('notification', (note: Notification) => {
      if (note.channel !== channel || note.payload === this.#self) return;
      this.#foreign += 1;
      this.#wake();
    });
    try {
      await client.query(`listen ${channel}`);
      await ended;
    } finally {
      // A connection that broke or was refused is returned too, or the pool would lose it.
      if (this.#client === client) {
        this.#client = undefined;
        client.release(true);
      }
    }
  }
}
