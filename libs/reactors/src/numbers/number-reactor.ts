import { Failure } from '@ringfence/kernel/failure';
import type { AccountId, NumberId } from '@ringfence/kernel/ids';
import { pause } from '@ringfence/kernel/timers';
import type { LogPage } from '../log-follower.js';
import { LogReactor, type LogReactorParts } from '../log-reactor.js';
import { NumberDeliveries, type NumberDeliveryParts } from './number-deliveries.js';

/** Time between two looks at the allocations that are still on their way. */
const sweepEveryMs = 30_000;
/** The most allocations of one look; further ones wait for the next. */
const sweepAllocationsMax = 1_000;

const types = new Set(['NumberAdded', 'NumberWithdrawn'] as const);
type Reacted = 'NumberAdded' | 'NumberWithdrawn';

/** Allocations on their way, as the read model has them. */
export interface PendingAllocations {
  /** The oldest ones. @throws Failure `database_unavailable` (retryable) */
  pendingAllocations(
    limit: number,
  ): Promise<
    readonly { readonly numberId: NumberId; readonly accountId: AccountId; readonly awaits: 'receipt' | 'release' }[]
  >;
}

type NumberReactorParts = LogReactorParts & NumberDeliveryParts & { readonly pending: PendingAllocations };

/**
 * Carries each number to its account when it was added, and back to the inventory when it was withdrawn. A step that
 * cannot be taken at the moment, because its account is quarantined, holds up no other: it is left to the sweep, which
 * repeats what the read model shows to be unfinished.
 */
export class NumberReactor {
  readonly #ending = new AbortController();
  #sweeping: Promise<void> = Promise.resolve();

  private constructor(
    private readonly parts: NumberReactorParts,
    private readonly deliveries: NumberDeliveries,
    private readonly following: LogReactor<Reacted>,
  ) {}

  /** @throws Failure `reactor_checkpoints_unavailable` (retryable) */
  static async start(parts: NumberReactorParts): Promise<NumberReactor> {
    const deliveries = new NumberDeliveries(parts);
    const carryOut = (page: LogPage<Reacted>) => takeSteps(parts, deliveries, page);
    const following = await LogReactor.start(parts, { name: reactorName, types, carryOut }, 'at_once');
    const reactor = new NumberReactor(parts, deliveries, following);
    reactor.#sweeping = reactor.#sweep();
    return reactor;
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await Promise.all([this.following.stop(), this.#sweeping]);
  }

  async #sweep(): Promise<void> {
    const { signal } = this.#ending;
    const { timers, pending, host } = this.parts;
    for (;;) {
      await pause(timers, sweepEveryMs, signal);
      if (signal.aborted) return;
      const found = await pending.pendingAllocations(sweepAllocationsMax).catch((failure: unknown) => {
        host.onRetryableError(reactorName, failure);
        return [];
      });
      for (const { numberId, accountId, awaits } of found) {
        if (this.#ending.signal.aborted) return;
        const step =
          awaits === 'receipt'
            ? this.deliveries.deliverById(numberId)
            : this.deliveries.release(numberId, accountId, 'withdrawn');
        await step.catch((failure: unknown) => {
          host.onRetryableError(reactorName, failure);
        });
      }
    }
  }
}

const reactorName = 'numbers';

async function takeSteps(
  { host }: NumberReactorParts,
  deliveries: NumberDeliveries,
  { events }: LogPage<Reacted>,
): Promise<void> {
  for (const { data } of events) {
    const step =
      data.type === 'NumberAdded'
        ? deliveries.deliver(data)
        : deliveries.release(data.numberId, data.accountId, 'withdrawn');
    await step.catch((failure: unknown) => {
      if (!(failure instanceof Failure && failure.code === 'number_not_delivered')) throw failure;
      host.onRetryableError(reactorName, failure);
    });
  }
}
