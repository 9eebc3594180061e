import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Notification, Pool, PoolClient } from 'pg';

const channel = 'ringfence_log';
const announceSql = `select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)`;
const reconnectMs = 500;
/** Minimum interval between announcements of commits to other processes. */
const announceEveryMs = 20;

/**
 * Notifies readers that the log has grown: at once in this process, by NOTIFY in others, after the commit and never as
 * part of it. A lost notification costs nothing but the time until the next poll.
 */
export class EventListener {
  readonly #waiting = new Set<() => void>();
  /** Identifies our own announcements, which come back to us. */
  readonly #self = randomUUID();
  #foreign = 0;
  #announcing = false;
  #listening: Promise<void> | undefined;
  #client: PoolClient | undefined;
  readonly #closing = new AbortController();

  constructor(private readonly pool: Pool) {}

  /** Counts what others have announced: when it has not changed, nothing was missed. */
  get foreign(): number {
    return this.#foreign;
  }

  /** Wakes readers here and, soon, elsewhere. */
  announce(): void {
    this.#wake();
    if (this.#announcing || this.#closing.signal.aborted) return;
    this.#announcing = true;
    setTimeout(() => {
      this.#announcing = false;
      if (this.#closing.signal.aborted) return;
      // Polling is the safety net, so nobody waits for the disk either: a notice is a commit of its own.
      void this.pool
        .query({ name: 'announce', text: announceSql, values: [channel, this.#self] })
        .catch(() => undefined);
    }, announceEveryMs).unref();
  }

  /** Settles when the log may have grown, after `atMostMs`, or when the signal says stop. */
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
      await this.#listenOnce().catch(() => undefined); // the next round tries again
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
      // Whether it broke or was refused: a connection that is not given back is one less for everybody.
      if (this.#client === client) {
        this.#client = undefined;
        client.release(true);
      }
    }
  }
}
