import type { Position } from '@ringfence/kernel/units';
import { PostgresNotifications } from '@ringfence/sql-postgres/postgres-notifications';
import type { Pool } from 'pg';

const channel = 'ringfence_log';
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
  readonly #notifications: PostgresNotifications;
  #foreign = 0;
  #announcing = false;
  #closed = false;
  /** The next look; it is put off while announcements come. */
  #plannedLook: NodeJS.Timeout | undefined;
  #looking = false;

  constructor(private readonly parts: ListenerParts) {
    this.#notifications = new PostgresNotifications(parts.pool, channel);
  }

  /** Number of announcements of others: while it is unchanged, nothing was missed. */
  get foreign(): number {
    return this.#foreign;
  }

  /** Wakes readers in this process immediately, and those of others soon. */
  announce(): void {
    this.#wake();
    if (!this.parts.announces || this.#announcing || this.#closed) return;
    this.#announcing = true;
    setTimeout(() => {
      this.#announcing = false;
      this.#notifications.send('');
    }, announceEveryMs).unref();
  }

  /**
   * Settles when the log may have grown, or when the signal aborts.
   * @returns the head as of a look that began after the call; undefined: there was an announcement, or no answer
   */
  async growth(signal: AbortSignal): Promise<Position | undefined> {
    this.#notifications.listen(() => {
      this.#foreign += 1;
      this.#wake();
    });
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
    this.#closed = true;
    this.#wake();
    await this.#notifications.close();
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
      this.#notifications.isHeard ? lookEveryMs : lookUnheardEveryMs,
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
}
