import type { CommandOutcome, SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import { type Refusal, refusalCatalogue } from '@ringfence/domain/refusals';
import type { Failure } from '@ringfence/kernel/failure';
import type { CommandId, StreamId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { position, type Position } from '@ringfence/kernel/units';
import type { AppendResult, KeptOutcome, RecordedOutcome } from '@ringfence/ports/log/event-store';
import { laneFailures } from './lane-failures.js';
import { lastBelow, recalled, refusalBytes, resultBytes } from './outcome-codec.js';
import type { MessageOffset } from './owned-lanes.js';
import type { SubmittedPending } from './pending-command.js';
import type { WorkingStream } from './working-stream.js';

/** The answer to a requester, once the batch is committed. */
type Verdict<State> =
  | {
      readonly kind: 'accepted';
      readonly working: WorkingStream<State>;
      readonly eventIndex: number;
      readonly replayed: boolean;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly kept: boolean; readonly replayed: boolean }
  | { readonly kind: 'recalled'; readonly outcome: CommandOutcome }
  | { readonly kind: 'failed'; readonly failure: Failure };
type Answer<State> = {
  readonly pending: SubmittedPending;
  readonly verdict: Verdict<State>;
  readonly result: SubmittedCommand['result'];
};

/** The answers to the commands of one batch: what is kept of them under their ids, and what requesters get. */
export class BatchAnswers<State> {
  readonly #answers: Answer<State>[] = [];
  readonly #byId = new Map<string, Answer<State>>();
  readonly #outcomes: { readonly kept: KeptOutcome; readonly answer: Answer<State> }[] = [];

  /** The messages that the batch is done with. */
  get places(): readonly MessageOffset[] {
    return this.#answers.flatMap(({ pending: { place } }) => place ?? []);
  }

  accept(pending: SubmittedPending, working: WorkingStream<State>, eventIndex: number): void {
    const verdict = { kind: 'accepted', working, eventIndex, replayed: false } as const;
    this.#answer(pending, verdict, resultBytes(pending.submitted.result));
  }

  refuse(pending: SubmittedPending, refusal: Refusal): void {
    const { kept } = refusalCatalogue[refusal.code];
    this.#answer(
      pending,
      { kind: 'refused', refusal, kept, replayed: false },
      kept ? refusalBytes(refusal) : undefined,
    );
  }

  fail(pending: SubmittedPending, failure: Failure): void {
    this.#record(pending, { kind: 'failed', failure });
  }

  /**
   * Returns an earlier outcome of this id: its own, when the answer of its append was lost; else that of an earlier
   * request.
   */
  recall(pending: SubmittedPending, earlier: RecordedOutcome): void {
    const { submitted } = pending;
    if (!sameFields(earlier.fingerprint, submitted.fingerprint)) {
      this.fail(pending, laneFailures.idempotency_key_reused());
      return;
    }
    const own = pending.outcomeUnknown && earlier.accepted && sameBytes(earlier.body, resultBytes(submitted.result));
    this.#record(pending, { kind: 'recalled', outcome: recalled(earlier, !own) });
  }

  /**
   * Answers as the command of this id in the same batch was answered.
   * @returns false when there is none, or its refusal is none that is kept: then the command is decided by itself
   */
  repeat(pending: SubmittedPending): boolean {
    const twin = this.#byId.get(idIn(pending.submitted));
    if (twin === undefined) return false;
    const { verdict } = twin;
    if (verdict.kind === 'refused' && !verdict.kept) return false;
    if (!sameFields(twin.pending.submitted.fingerprint, pending.submitted.fingerprint)) {
      this.fail(pending, laneFailures.idempotency_key_reused());
      return true;
    }
    const again = verdict.kind === 'accepted' || verdict.kind === 'refused' ? { ...verdict, replayed: true } : verdict;
    this.#answers.push({ pending, verdict: again, result: twin.result });
    return true;
  }

  /** @param written the streams that the append writes to, in its order */
  outcomes(written: readonly WorkingStream<State>[]): readonly (KeptOutcome & { readonly lastEvent: number })[] {
    const firsts = firstIndexes(written);
    return this.#outcomes.map(({ kept, answer: { verdict } }) => ({
      ...kept,
      lastEvent: verdict.kind === 'accepted' ? (firsts.get(verdict.working) ?? 0) + verdict.eventIndex : -1,
    }));
  }

  /**
   * Says what was decided.
   * @param written the streams that the append has written to, in its order
   * @param appended undefined: nothing was written, and `head` is what the fenced read found
   */
  reply(written: readonly WorkingStream<State>[], appended: AppendResult | undefined, head: Position): void {
    const firsts = firstIndexes(written);
    for (const { pending, verdict, result } of this.#answers) {
      switch (verdict.kind) {
        case 'failed':
          pending.reject(verdict.failure);
          break;
        case 'recalled':
          pending.resolve(verdict.outcome);
          break;
        case 'refused':
          pending.resolve({
            accepted: false,
            position: lastBelow(head),
            refusal: verdict.refusal,
            replayed: verdict.replayed,
          });
          break;
        case 'accepted': {
          invariant(appended !== undefined, 'an accepted command is replied to after an append');
          const at = position(appended.first + (firsts.get(verdict.working) ?? 0) + verdict.eventIndex);
          pending.resolve({ accepted: true, position: at, result, replayed: verdict.replayed });
        }
      }
    }
  }

  /** The codes of what was refused, for the metrics. */
  *refusals(): IterableIterator<Refusal['code']> {
    for (const { verdict } of this.#answers) if (verdict.kind === 'refused') yield verdict.refusal.code;
  }

  /** @param body what is kept of it under its id; undefined: nothing */
  #answer(pending: SubmittedPending, verdict: Verdict<State>, body: Uint8Array | undefined): void {
    const answer = this.#record(pending, verdict);
    const { commandId, fingerprint, stream } = pending.submitted;
    this.#byId.set(idIn(pending.submitted), answer);
    if (body === undefined) return;
    const kept = { stream, commandId, fingerprint, accepted: verdict.kind === 'accepted', body };
    this.#outcomes.push({ kept, answer });
  }

  #record(pending: SubmittedPending, verdict: Verdict<State>): Answer<State> {
    const answer = { pending, verdict, result: pending.submitted.result };
    this.#answers.push(answer);
    return answer;
  }
}

/** Returns where each stream's events begin among those of the batch. */
function firstIndexes<State>(written: readonly WorkingStream<State>[]): ReadonlyMap<WorkingStream<State>, number> {
  const firsts = new Map<WorkingStream<State>, number>();
  let next = 0;
  for (const working of written) {
    firsts.set(working, next);
    next += working.events.length;
  }
  return firsts;
}

function idIn({ stream, commandId }: { readonly stream: StreamId; readonly commandId: CommandId }): string {
  return `${stream}/${commandId}`;
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

/**
 * Compares the fingerprints. A request under a generated id has none, if its answer could not be lost on the way: there
 * is nothing to compare.
 */
function sameFields(earlier: Uint8Array, fingerprint: Uint8Array): boolean {
  return earlier.length === 0 || sameBytes(earlier, fingerprint);
}
