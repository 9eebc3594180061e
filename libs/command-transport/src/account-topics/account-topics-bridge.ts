import type { EventStore } from '@ringfence/ports/log/event-store';
import { isAborted } from '@ringfence/kernel/aborted';
import type { Clock } from '@ringfence/kernel/clock';
import type { AccountId, LogId } from '@ringfence/kernel/ids';
import { pause, type Timers } from '@ringfence/kernel/timers';
import type { MessageBus } from '@ringfence/ports/message-bus/message-bus';
import { accountsWithTopics, type Topics } from '@ringfence/wire/topics';
import type { ReactorCheckpoints } from '@ringfence/ports/checkpoints/reactor-checkpoints';
import { AccountCommands } from './account-commands.js';
import { AccountEvents, accountWatermarkEveryMs } from '@ringfence/event-feed/account-topics/account-events';

export type BridgeParts = {
  readonly topics: Topics;
  readonly laneCount: number;
  readonly logId: LogId;
  readonly store: Pick<EventStore, 'head' | 'readAll' | 'readStream' | 'subscribe'>;
  /** Bus of the shared commands and dead letters. */
  readonly bus: Pick<MessageBus, 'publish'>;
  /**
   * Bus of the accounts' dedicated topics. It gives up on a topic that is gone, so that no other account is delayed.
   */
  readonly accountBus: Pick<MessageBus, 'topicNames' | 'publish' | 'ranges' | 'follow' | 'followDecodable'>;
  readonly checkpoints: ReactorCheckpoints;
  readonly timers: Timers;
  readonly clock: Clock;
  /** Names this process. */
  readonly owner: string;
  readonly host: BridgeHost;
};

/** The process that hosts a bridge. Must not throw. */
export interface BridgeHost {
  /** Reports that this account's topics are served from now on, or no longer. */
  serving(account: AccountId, served: boolean): void;
  /**
   * Called for each failure that is retried.
   * @param account null: it concerns no account in particular
   */
  onRetryableError(account: AccountId | null, cause: unknown): void;
}

/** Interval at which accounts with dedicated topics are looked up. */
export const lookEveryMs = 5_000;
const retryAfterMs = 500;

/**
 * The bridge between the dedicated topics of accounts and the shared ones. One process of a cluster runs it at a time.
 * The topics themselves are the list of accounts that have them.
 */
export class AccountTopicsBridge {
  readonly #served = new Map<AccountId, Served>();
  readonly #ending = new AbortController();
  readonly #running: Promise<unknown>;

  private constructor(private readonly parts: BridgeParts) {
    const { signal } = this.#ending;
    this.#running = Promise.all([this.#look(signal), this.#watchEvents(signal), this.#giveTurns(signal)]);
  }

  static start(parts: BridgeParts): AccountTopicsBridge {
    return new AccountTopicsBridge(parts);
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
    await Promise.all([...this.#served.values()].map((served) => served.stop()));
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { accountBus, topics, timers, host } = this.parts;
    while (!signal.aborted) {
      try {
        const accounts = new Set(accountsWithTopics(topics, await accountBus.topicNames()));
        for (const [account, served] of this.#served) if (!accounts.has(account)) await this.#end(account, served);
        for (const account of accounts) if (!this.#served.has(account)) this.#begin(account);
      } catch (failure) {
        if (!isAborted(signal)) host.onRetryableError(null, failure);
      }
      await pause(timers, lookEveryMs, signal);
    }
  }

  /**
   * Sends watermarks for one account after the other, so that idle traffic does not grow with the number of accounts.
   */
  async #giveTurns(signal: AbortSignal): Promise<void> {
    let waiting: Served[] = [];
    while (!signal.aborted) {
      await pause(this.parts.timers, accountWatermarkEveryMs, signal);
      if (waiting.length === 0) waiting = [...this.#served.values()];
      waiting.shift()?.takeTurn();
    }
  }

  #begin(account: AccountId): void {
    this.#served.set(account, new Served(account, this.parts));
    this.parts.host.serving(account, true);
  }

  async #end(account: AccountId, served: Served): Promise<void> {
    this.#served.delete(account);
    await served.stop();
    this.parts.host.serving(account, false);
  }

  /** Notifies each account's copy of new events, as soon as they are committed. */
  async #watchEvents(signal: AbortSignal): Promise<void> {
    const { store, timers, host } = this.parts;
    while (!signal.aborted) {
      try {
        for await (const events of store.subscribe(await store.head(), signal)) {
          for (const stream of new Set(events.map((event) => event.stream)))
            this.#served.get(stream as AccountId)?.wake();
        }
      } catch (failure) {
        if (!isAborted(signal)) host.onRetryableError(null, failure);
      }
      await pause(timers, retryAfterMs, signal);
    }
  }
}

/** The work for one account. */
class Served {
  readonly #ending = new AbortController();
  readonly #events: AccountEvents;
  readonly #commands: Promise<void>;

  constructor(account: AccountId, parts: BridgeParts) {
    const onRetryableError = (cause: unknown) => {
      parts.host.onRetryableError(account, cause);
    };
    this.#events = new AccountEvents({ ...parts, account, onRetryableError });
    this.#commands = passCommandsOn({ ...parts, account, onRetryableError }, this.#ending.signal);
  }

  wake(): void {
    this.#events.wake();
  }

  takeTurn(): void {
    this.#events.takeTurn();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await Promise.all([this.#events.stop(), this.#commands]);
  }
}

async function passCommandsOn(
  parts: Parameters<typeof AccountCommands.start>[0] & Pick<BridgeParts, 'timers'>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const commands = await AccountCommands.start(parts);
      await untilAborted(signal);
      await commands.stop();
    } catch (failure) {
      parts.onRetryableError(failure);
      await pause(parts.timers, retryAfterMs, signal);
    }
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => { resolve(); }, { once: true }); // prettier-ignore
  });
}
