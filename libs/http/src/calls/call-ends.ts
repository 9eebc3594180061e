import type { BeforeApplicationShutdown } from '@nestjs/common';
import type { IEventHandler } from '@nestjs/cqrs';
import { type CommittedEvent, HandlesCommitted } from '@ringfence/cqrs/committed-event';
import type { CallId, KeyId } from '@ringfence/kernel/ids';
import { type DurationMs, type Position, position } from '@ringfence/kernel/units';

/**
 * The most requests of this process, and of one key with its children, that wait for an end at once; one more is
 * answered 429.
 */
const waitsMax = 10_000;
export const waitsPerKeyMax = 100;

/**
 * The reason why a wait ended. `ended`: a read model that has all events below `below` has the end of the call.
 * `key_revoked`: the revocation of the waiting key, or of one above it, is in the log. `abandoned`: the client has
 * gone, or this process stops.
 */
type WaitOutcome =
  { readonly why: 'ended'; readonly below: Position } | { readonly why: 'key_revoked' | 'timed_out' | 'abandoned' };
export type Wait = { readonly outcome: Promise<WaitOutcome>; readonly cancel: () => void };

type Waiting = {
  readonly callId: CallId;
  readonly keyIds: readonly KeyId[];
  readonly settle: (outcome: WaitOutcome) => void;
};

/** Wakes requests that wait for the end of a call as soon as the end is read from the log. */
@HandlesCommitted('CallCompleted', 'CallFailed', 'KeyRevoked')
export class CallEnds implements IEventHandler<CommittedEvent>, BeforeApplicationShutdown {
  readonly #byCall = new Map<CallId, Set<Waiting>>();
  readonly #byKey = new Map<KeyId, Set<Waiting>>();
  #count = 0;

  /**
   * @param keyIds the key that waits and its ancestors: the revocation of any of them ends the wait
   * @returns undefined: too many requests wait already. The caller has to read the call once more afterwards: it may
   *   have ended before the wait began.
   */
  begin(callId: CallId, keyIds: readonly KeyId[], timeoutMs: DurationMs): Wait | undefined {
    const isFull = keyIds.some((keyId) => (this.#byKey.get(keyId)?.size ?? 0) >= waitsPerKeyMax);
    if (this.#count >= waitsMax || isFull) return undefined;
    let cancel = (): void => undefined;
    const outcome = new Promise<WaitOutcome>((resolve) => {
      const settle = (why: WaitOutcome): void => {
        clearTimeout(timer);
        if (this.#remove(waiting)) resolve(why);
      };
      const timer = setTimeout(settle, timeoutMs, { why: 'timed_out' });
      const waiting: Waiting = { callId, keyIds, settle };
      this.#add(waiting);
      cancel = () => {
        settle({ why: 'abandoned' });
      };
    });
    return { outcome, cancel };
  }

  handle({ envelope }: CommittedEvent): void {
    const { data } = envelope;
    if (data.type === 'CallCompleted' || data.type === 'CallFailed')
      settleAll(this.#byCall.get(data.callId), { why: 'ended', below: position(envelope.position + 1) });
    if (data.type === 'KeyRevoked') settleAll(this.#byKey.get(data.keyId), { why: 'key_revoked' });
  }

  /** Nest's hook: a process that stops ends every wait. */
  beforeApplicationShutdown(): void {
    for (const waiting of [...this.#byCall.values()]) settleAll(waiting, { why: 'abandoned' });
  }

  #add(waiting: Waiting): void {
    this.#count += 1;
    add(this.#byCall, waiting.callId, waiting);
    for (const keyId of waiting.keyIds) add(this.#byKey, keyId, waiting);
  }

  #remove(waiting: Waiting): boolean {
    if (!remove(this.#byCall, waiting.callId, waiting)) return false;
    for (const keyId of waiting.keyIds) remove(this.#byKey, keyId, waiting);
    this.#count -= 1;
    return true;
  }
}

function settleAll(waiting: ReadonlySet<Waiting> | undefined, outcome: WaitOutcome): void {
  for (const each of [...(waiting ?? [])]) each.settle(outcome);
}

function add<Key>(sets: Map<Key, Set<Waiting>>, key: Key, waiting: Waiting): void {
  const known = sets.get(key);
  if (known === undefined) sets.set(key, new Set([waiting]));
  else known.add(waiting);
}

function remove<Key>(sets: Map<Key, Set<Waiting>>, key: Key, waiting: Waiting): boolean {
  const known = sets.get(key);
  const was = known?.delete(waiting) ?? false;
  if (known?.size === 0) sets.delete(key);
  return was;
}
