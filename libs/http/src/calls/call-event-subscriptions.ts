import { type BeforeApplicationShutdown, Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CommittedEvents } from '@ringfence/cqrs/committed-events';
import type { Mode } from '@ringfence/domain/shared/values';
import { getOrInsert } from '@ringfence/kernel/get-or-insert';
import type { AccountId, CallId, KeyId } from '@ringfence/kernel/ids';
import type { Position } from '@ringfence/kernel/units';
import { type CallLifeEnvelope, isCallLife } from '@ringfence/wire/calls/call-event-body';

export const subscriptionLimits = {
  perAccountMax: 100,
  perProcessMax: 1_000,
  /** Events that a subscription keeps until they are taken; one more ends it. */
  pendingEventsMax: 1_024,
} as const;

/** Selection of events. Mode null: both; call null: every call of the account; key null: calls of every key. */
export type CallEventFilter = {
  readonly accountId: AccountId;
  readonly mode: Mode | null;
  readonly callId: CallId | null;
  readonly keyId: KeyId | null;
};

/** Says whether a filter selects an event of its account. */
export function selects({ mode, callId, keyId }: CallEventFilter, { mode: itsMode, data }: CallLifeEnvelope): boolean {
  if (mode !== null && itsMode !== mode) return false;
  return (callId === null || data.callId === callId) && (keyId === null || data.keyId === keyId);
}

/** Gives the events of calls, as they are read from the log, to those who follow them. */
@Injectable()
export class CallEventSubscriptions implements OnModuleInit, BeforeApplicationShutdown {
  readonly #byAccount = new Map<AccountId, Set<CallEventSubscription>>();
  /** Subscriptions by the account that asked for them, operators' under `platform`. */
  readonly #byOwner = new Map<string, number>();
  readonly #stopping = new AbortController();
  #count = 0;

  constructor(@Inject(CommittedEvents) private readonly committed: CommittedEvents) {}

  /** Nest's hook. */
  onModuleInit(): void {
    this.committed.listen((events) => {
      if (this.#count === 0) return;
      for (const envelope of events) {
        const following = this.#byAccount.get(envelope.stream as AccountId);
        if (following === undefined || !isCallLife(envelope)) continue;
        for (const each of following) each.offer(envelope);
      }
    });
  }

  /** Nest's hook: a process that stops ends every stream. */
  beforeApplicationShutdown(): void {
    this.#stopping.abort();
  }

  /** Aborts when the process stops. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Subscriptions that an account has asked for. */
  countOf(owner: string): number {
    return this.#byOwner.get(owner) ?? 0;
  }

  /** @returns undefined: there are as many as there may be */
  open(filter: CallEventFilter, owner: string): CallEventSubscription | undefined {
    const owned = this.countOf(owner);
    if (this.#count >= subscriptionLimits.perProcessMax || owned >= subscriptionLimits.perAccountMax) return undefined;
    const following = getOrInsert(this.#byAccount, filter.accountId, () => new Set());
    const close = (): void => {
      if (!following.delete(subscription)) return;
      this.#count -= 1;
      const left = this.countOf(owner) - 1;
      if (left === 0) this.#byOwner.delete(owner);
      else this.#byOwner.set(owner, left);
      if (following.size === 0 && this.#byAccount.get(filter.accountId) === following)
        this.#byAccount.delete(filter.accountId);
    };
    const subscription = new CallEventSubscription(filter, () => this.committed.next, close);
    following.add(subscription);
    this.#byOwner.set(owner, owned + 1);
    this.#count += 1;
    return subscription;
  }
}

/** The events of one client. It keeps none before `begin`. */
export class CallEventSubscription {
  #pending: CallLifeEnvelope[] | undefined;
  #isOverrun = false;
  #wake: () => void = () => undefined;

  constructor(
    private readonly filter: CallEventFilter,
    private readonly next: () => Position,
    readonly close: () => void,
  ) {}

  /** Keeps events from now on. @returns the position of the first event that it may get */
  begin(): Position {
    this.#pending ??= [];
    return this.next();
  }

  offer(envelope: CallLifeEnvelope): void {
    if (this.#pending === undefined || !selects(this.filter, envelope)) return;
    if (this.#pending.length >= subscriptionLimits.pendingEventsMax) this.#isOverrun = true;
    else this.#pending.push(envelope);
    this.#wake();
  }

  /**
   * Waits for events, and takes those that came; none: `signal` has aborted.
   * @returns 'overrun': more came than it keeps
   */
  async take(signal: AbortSignal): Promise<readonly CallLifeEnvelope[] | 'overrun'> {
    if (this.#pending?.length === 0 && !signal.aborted)
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          signal.removeEventListener('abort', wake);
          this.#wake = () => undefined;
          resolve();
        };
        this.#wake = wake;
        signal.addEventListener('abort', wake);
      });
    if (this.#isOverrun) return 'overrun';
    if (signal.aborted) return [];
    const taken = this.#pending ?? [];
    this.#pending = [];
    return taken;
  }
}
