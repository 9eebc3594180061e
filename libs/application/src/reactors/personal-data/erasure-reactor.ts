import type { EventStore } from '@ringfence/event-store/event-store';
import { readLimitMax } from '@ringfence/event-store/event-store';
import type { Timers } from '@ringfence/kernel/timers';
import type { Position } from '@ringfence/kernel/units';
import type { SubjectVault } from '../../personal-data/subject-vault.js';
import { followLog, type LogPage, pageOf } from '../log-follower.js';
import type { ReactorCheckpoints, ReactorLease } from '../reactor-checkpoints.js';
import type { ReactorHost } from '../reactor-host.js';

const reactorName = 'erasure';
/** While nothing is erased the checkpoint may be this far behind: erasing again does no harm. */
export const erasureCheckpointEveryMs = 5_000;

export type ErasureReactorOptions = {
  readonly store: EventStore;
  readonly checkpoints: ReactorCheckpoints;
  readonly vault: SubjectVault;
  readonly timers: Timers;
  readonly host: ReactorHost;
  /** Names this process. */
  readonly owner: string;
};

const erasureTypes = new Set(['SubjectErased'] as const);

/** Destroys the data keys of subjects that the log says are erased. */
export class ErasureReactor {
  readonly #abort = new AbortController();
  #next: Position;
  #savedAtMs: number;
  #running: Promise<void> = Promise.resolve();

  private constructor(
    private readonly options: ErasureReactorOptions,
    private readonly lease: ReactorLease,
  ) {
    this.#next = lease.next;
    this.#savedAtMs = options.timers.monotonicMs();
  }

  /**
   * Settles when every erasure that stands in the log now has been carried out: nothing may be served before.
   * @throws Failure of the store, the vault or the checkpoints (retryable)
   */
  static async start(options: ErasureReactorOptions): Promise<ErasureReactor> {
    const lease = await options.checkpoints.take(reactorName, options.owner);
    const reactor = new ErasureReactor(options, lease);
    await reactor.#catchUp();
    reactor.#running = reactor.#run();
    return reactor;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async #catchUp(): Promise<void> {
    const { store } = this.options;
    const head = await store.head();
    while (this.#next < head) {
      const recorded = await store.readAll(this.#next, readLimitMax);
      if (recorded.length === 0) return;
      await this.#onPage(pageOf(erasureTypes, recorded, this.#next));
    }
  }

  async #run(): Promise<void> {
    const { store, timers, host } = this.options;
    try {
      await followLog(this.#next, {
        store,
        timers,
        types: erasureTypes,
        signal: this.#abort.signal,
        onPage: (page) => this.#onPage(page),
        onTrouble: (cause) => {
          host.troubled(reactorName, cause);
        },
      });
    } catch (error) {
      host.stopped(reactorName, error);
    }
  }

  async #onPage({ events, next }: LogPage<'SubjectErased'>): Promise<void> {
    await Promise.all(events.map(({ data }) => this.options.vault.erase(data.accountId, data.subjectId)));
    const nowMs = this.options.timers.monotonicMs();
    if (next === this.#next) return;
    this.#next = next;
    if (events.length === 0 && nowMs - this.#savedAtMs < erasureCheckpointEveryMs) return;
    await this.lease.save(next);
    this.#savedAtMs = nowMs;
  }
}
