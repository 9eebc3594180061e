import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Position } from '@ringfence/kernel/units';
import type { Notification, Pool, PoolClient } from 'pg';

const channel = 'ringfence_log';
const announceSql = `select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)`;
const reconnectMs = 500;
/** Minimum interval between announcements of commits to other processes. */
const announceEveryMs = 20;
/**
 * Interval at which the head is looked at for readers at the end of the log: while notifications are heard, and without
 * them.
 */
const lookEveryMs = 400;
const lookUnheardEveryMs = 200;

type ListenerParts = {
  readonly pool: Pool;
  /** Reads the head of the log. */
  readonly head: () => Promise<Position>;
  /** True if other processes may read the log: they are notified of commits. */
  readonly announces: boolean;
};

/**
 * Notifies readers that the log has grown: immediately in this process, by NOTIFY in others, after the commit and never
 * as part of it. A lost notification only means waiting for the next look at the head, which all readers share.
 */
export class EventListener {
  readonly #waiting = new Set<(head: Position | undefined) => void>();
  /** Identifies our own announcements, which are delivered to us as well. */
  readonly #self = randomUUID();
  #foreign = 0;
  #announcing = false;
  #listening: Promise<void> | undefined;
  #client: PoolClient | undefined;
  readonly #closing = new AbortController();
  #heard = false;
  /** The next look; it is put off while announcements come. */
  #plannedLook: NodeJS.Timeout | undefined;
  #looking = false;

  constructor(private readonly parts: ListenerParts) {}

  /** Number of announcements of others: while it is unchanged, nothing was missed. */
  get foreign(): number {
    return this.#foreign;
  }

  /** Wakes readers in this process immediately, and those of others soon. */
  announce(): void {
    this.#wake();
    if (!this.parts.announces || this.#announcing || this.#closing.signal.aborted) return;
    this.#announcing = true;
    setTimeout(() => {
      this.#announcing = false;
      if (this.#closing.signal.aborted) return;
      // A notification is a commit of its own. Polling is the safety net, so nothing waits for the disk.
      void this.parts.pool
        .query({ name: 'announce', text: announceSql, values: [channel, this.#self] })
        .catch(() => undefined);
    }, announceEveryMs).unref();
  }

  /**
   * Settles when the log may have grown, or when the signal aborts.
   * @returns the head as of a look that began after the call; undefined: there was an announcement, or no answer
   */
  async growth(signal: AbortSignal): Promise<Position | undefined> {
    this.#listening ??= this.#listen();
    return new Promise((settled) => {
      const done = (head?: Position) => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', aborted);
        settled(head);
      };
      const aborted = () => {
        done();
      };
      this.#waiting.add(done);
      this.#planLook();
      signal.addEventListener('abort', aborted, { once: true });
      if (signal.aborted) aborted();
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
    clearTimeout(this.#plannedLook);
    this.#plannedLook = undefined;
    for (const wake of [...this.#waiting]) wake(undefined);
  }

  #planLook(): void {
    if (this.#looking) return;
    this.#plannedLook ??= setTimeout(
      () => {
        this.#plannedLook = undefined;
        void this.#look();
      },
      this.#heard ? lookEveryMs : lookUnheardEveryMs,
    );
  }

  /** Only readers that wait already are answered: the head is then as of a moment after what they have seen. */
  async #look(): Promise<void> {
    const asking = [...this.#waiting];
    this.#looking = true;
    const head = asking.length === 0 ? undefined : await this.parts.head().catch(() => undefined);
    this.#looking = false;
    if (this.#waiting.size > 0) this.#planLook();
    for (const wake of asking) if (this.#waiting.has(wake)) wake(head);
  }

  async #listen(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      await this.#listenOnce().catch(() => undefined); // retried in the next round
      await pause(reconnectMs, undefined, { ref: false, signal: this.#closing.signal }).catch(() => undefined);
    }
  }

  async #listenOnce(): Promise<void> {
    const client = await this.parts.pool.connect();
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
      this.#heard = true;
      await ended;
    } finally {
      this.#heard = false;
      // A connection that broke or was refused is returned too, or the pool would lose it.
      if (this.#client === client) {
        this.#client = undefined;
        client.release(true);
      }
    }
  }
}
