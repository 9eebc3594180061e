import type { Position } from '@ringfence/kernel/units';
import { position } from '@ringfence/kernel/units';
import { reachedSql } from './checkpoints.js';
import type { Notifications } from '@ringfence/ports/sql/notifications';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';

/** Interval at which the checkpoints are polled while readers wait; one poll serves all of them. */
const progressPollMs = 20;
/** Readers that may wait at the same time; for a further one the position counts as not reached. */
const progressWaitersMax = 10_000;

/**
 * Progress of the projections, for readers that must see their own writes, in any process. A projection that a reader
 * waits for commits at once.
 */
export class ProjectionProgress {
  readonly #next = new Map<string, Position>();
  readonly #waiters = new Set<Waiter>();
  /** Wakes each runner that is pacing itself. */
  readonly #pacedRunners = new Map<string, () => void>();
  #polling = false;

  /** @param others notifies the processes that project of those that read; undefined: one process does both */
  constructor(
    private readonly db: SqlTransaction,
    private readonly others?: Notifications,
  ) {}

  /** Commits at once for readers in other processes too; for a process that projects. */
  hearOthers(): void {
    this.others?.listen((names) => {
      for (const name of names.split(',')) this.#pacedRunners.get(name)?.();
    });
  }

  /** Says whether this process knows that the rows of these projections hold every event below `below`. */
  hasReached(names: readonly string[], below: Position): boolean {
    return this.#reached({ names, below });
  }

  /** The position below which, as far as this process knows, the rows of all these projections hold every event. */
  reachedBy(names: readonly string[]): Position {
    return position(Math.min(...names.map((name) => this.#next.get(name) ?? 0)));
  }

  /**
   * Waits until the rows of these projections hold every event below `below` (to see the event at position n, wait for
   * n + 1).
   * @returns false when `timeoutMs` ran out first, or `signal` aborted
   */
  async waitFor(names: readonly string[], below: Position, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    if (this.#reached({ names, below })) return true;
    if (this.#waiters.size >= progressWaitersMax || signal?.aborted === true) return false;
    return new Promise((resolve) => {
      const waiter: Waiter = {
        names,
        below,
        settle: (reached) => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', giveUp);
          this.#waiters.delete(waiter);
          resolve(reached);
        },
      };
      const giveUp = () => {
        waiter.settle(false);
      };
      const timer = setTimeout(giveUp, timeoutMs);
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#waiters.add(waiter);
      for (const name of names) this.#pacedRunners.get(name)?.();
      this.#poll();
    });
  }

  /** Notes that every event below `next` is committed, which spares the next poll. */
  advanced(name: string, next: Position): void {
    this.#next.set(name, next);
    this.#settle();
  }

  /**
   * Resolves as soon as a reader waits for this projection, at the latest after `timeoutMs` or when `signal` aborts.
   */
  async awaited(name: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (timeoutMs <= 0 || signal.aborted) return;
    for (const waiter of this.#waiters) if (waiter.names.includes(name)) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.#pacedRunners.delete(name);
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      signal.addEventListener('abort', wake);
      this.#pacedRunners.set(name, wake);
    });
  }

  #reached({ names, below }: Pick<Waiter, 'names' | 'below'>): boolean {
    return names.every((name) => (this.#next.get(name) ?? -1) >= below);
  }

  #settle(): void {
    for (const waiter of this.#waiters) if (this.#reached(waiter)) waiter.settle(true);
  }

  #poll(): void {
    if (this.#polling) return;
    this.#polling = true;
    const again = (): void => {
      this.#polling = false;
      if (this.#waiters.size > 0) this.#poll();
    };
    void this.#look().then(() => {
      setTimeout(again, progressPollMs);
    });
  }

  async #look(): Promise<void> {
    // In every round: a projection that was notified may not have had the events yet, or was not pacing itself.
    this.others?.send([...new Set([...this.#waiters].flatMap(({ names }) => names))].join(','));
    try {
      const rows = await this.db.query<{ name: string; position: string }>(
        `select name, ${reachedSql} as position from projection.checkpoint c`,
        [],
      );
      for (const row of rows) this.#next.set(row.name, position(Number(row.position)));
      this.#settle();
    } catch {
      // A database that is unavailable now may be back before the waiters time out.
    }
  }
}

type Waiter = {
  readonly names: readonly string[];
  readonly below: Position;
  readonly settle: (reached: boolean) => void;
};
