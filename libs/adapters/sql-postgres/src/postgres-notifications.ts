import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Notifications } from '@ringfence/ports/sql/notifications';
import type { Notification, Pool, PoolClient } from 'pg';

// A notification is a commit of its own. Nobody relies on it, so nothing waits for the disk.
const sendSql = `select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)`;
const reconnectMs = 500;

/** LISTEN and NOTIFY of PostgreSQL, with a connection of the pool for as long as it listens. */
export class PostgresNotifications implements Notifications {
  /** Identifies what this process sends, which is delivered to itself as well. */
  readonly #self = randomUUID();
  #client: PoolClient | undefined;
  readonly #closing = new AbortController();
  #listening: Promise<void> | undefined;
  #isHeard = false;

  /** @param channel an identifier of SQL */
  constructor(
    private readonly pool: Pool,
    private readonly channel: string,
  ) {}

  /** True while notifications of others arrive. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  send(text: string): void {
    if (this.#closing.signal.aborted) return;
    // The id comes first, and alone if there is no text: processes of the former release send and expect that.
    const payload = text === '' ? this.#self : `${this.#self} ${text}`;
    void this.pool.query({ name: 'notify', text: sendSql, values: [this.channel, payload] }).catch(() => undefined);
  }

  listen(heard: (text: string) => void): void {
    this.#listening ??= this.#listen(heard);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#client?.release(true);
    this.#client = undefined;
    await this.#listening;
  }

  async #listen(heard: (text: string) => void): Promise<void> {
    while (!this.#closing.signal.aborted) {
      await this.#listenOnce(heard).catch(() => undefined); // retried in the next round
      await pause(reconnectMs, undefined, { ref: false, signal: this.#closing.signal }).catch(() => undefined);
    }
  }

  async #listenOnce(heard: (text: string) => void): Promise<void> {
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
    client.on('notification', ({ channel, payload = '' }: Notification) => {
      if (channel !== this.channel || payload.startsWith(this.#self)) return;
      heard(payload.replace(/^\S+ ?/, ''));
    });
    try {
      await client.query(`listen ${this.channel}`);
      this.#isHeard = true;
      await ended;
    } finally {
      this.#isHeard = false;
      // A connection that broke or was refused is returned too, or the pool would lose it.
      if (this.#client === client) {
        this.#client = undefined;
        client.release(true);
      }
    }
  }
}
