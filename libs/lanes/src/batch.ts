import { commandAuthority } from '@ringfence/domain/command-authority';
import type { DomainCommand } from '@ringfence/domain/command';
import { operatorRefusal } from '@ringfence/domain/streams/platform/platform-authorization';
import type { PlatformState } from '@ringfence/domain/streams/platform/platform-state';
import { type Refusal, refusalCatalogue } from '@ringfence/domain/refusals';
import type {
  AppendBatch,
  AppendResult,
  KeptOutcome,
  LaneFence,
  RecordedOutcome,
} from '@ringfence/ports/log/event-store';
import type { Failure } from '@ringfence/kernel/failure';
import type { CommandId, IdSource, StreamId } from '@ringfence/kernel/ids';
import { BrokenInvariant, invariant } from '@ringfence/kernel/invariant';
import { type EpochMs, position, type Position } from '@ringfence/kernel/units';
import type { CommandOutcome, SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import type { EnvelopeWriter, EnvelopeContext } from './envelope-writer.js';
import { laneFailures } from './lane-failures.js';
import type { LaneTime } from './lane-clock.js';
import type { LaneModel } from './lane-models.js';
import type { LoadedStream } from './loaded-stream.js';
import type { CachedStream } from './state-cache.js';
import { lastBelow, recalled, refusalBytes, resultBytes } from './outcome-codec.js';
import type { Consumed, MessageOffset } from './owned-lanes.js';
import type { Pending, SubmittedPending } from './pending-command.js';
import { actorOf, type ReferenceData, refusalActor, withMetadata, timerActor } from './command-metadata.js';
import { allowedWhileDraining, quarantined } from './quarantine.js';
import { WorkingStream } from './working-stream.js';

/**
 * A batch takes no further command once it has this many events: one command leads to at most a quarter of what an
 * append may hold.
 */
const eventsSoftMax = 3_072;

/** The parts of the lane that one batch of decisions needs. */
export type BatchContext<State> = {
  readonly time: LaneTime;
  readonly model: LaneModel<State>;
  readonly sealer: EnvelopeWriter;
  readonly ids: IdSource;
  readonly reference: ReferenceData;
  readonly platform: LoadedStream<PlatformState>;
  /** The stream to decide on; undefined: it is not in memory any more. */
  readonly standing: (stream: StreamId) => CachedStream<State> | undefined;
};

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

/** A command, or a stream's timer, that made the software throw. */
export type Thrown = { readonly pending: Pending; readonly cause: unknown };

/**
 * Decides commands one after another on top of each other and gathers one append for all of them. Nothing is said
 * before it is committed.
 */
export class Batch<State> {
  readonly #working = new Map<StreamId, WorkingStream<State>>();
  readonly #answers: Answer<State>[] = [];
  readonly #byId = new Map<string, Answer<State>>();
  readonly #outcomes: { readonly kept: KeptOutcome; readonly answer: Answer<State> }[] = [];
  /** Commands to be decided again, by stream: those behind one that threw, and those that found no room. */
  readonly putBack = new Map<StreamId, Pending[]>();
  readonly thrown: Thrown[] = [];
  /** True if something rests on an operator's key: the platform's stream must not have moved. */
  #restsOnPlatform = false;
  #events = 0;

  constructor(private readonly context: BatchContext<State>) {}

  get working(): IterableIterator<WorkingStream<State>> {
    return this.#working.values();
  }

  get events(): number {
    return this.#events;
  }

  decide(pending: Pending, earlier: RecordedOutcome | undefined): void {
    const waiting = this.putBack.get(pending.stream);
    if (waiting !== undefined) {
      waiting.push(pending);
      return;
    }
    const standing = this.#working.get(pending.stream) ?? this.context.standing(pending.stream);
    if (this.#events >= eventsSoftMax || standing === undefined) {
      this.putBack.set(pending.stream, [pending]);
      return;
    }
    try {
      if (pending.kind === 'due') this.#actOnTime(pending.stream);
      else this.#decideSubmitted(pending, earlier);
    } catch (cause) {
      this.thrown.push({ pending, cause });
      this.putBack.set(pending.stream, []);
    }
  }

  /** Sets a command aside without deciding it. */
  setAside(pending: SubmittedPending): void {
    this.thrown.push({ pending, cause: new BrokenInvariant('the event store could not take what it led to') });
  }

  /** Turns a command down for good that made the software throw twice. */
  park(pending: SubmittedPending): void {
    this.#refuse(pending, {
      code: 'command_parked',
      detail: 'This command makes our software fail; it was parked for an operator.',
    });
  }

  /** The append of the whole batch; undefined when there is nothing to write. */
  toAppend(fences: readonly LaneFence[], consumed: Consumed): AppendBatch | undefined {
    const written = this.#written();
    if (written.length === 0 && this.#outcomes.length === 0 && consumed.length === 0) return undefined;
    const firsts = firstIndexes(written);
    return {
      appends: written.map((working) => working.toAppend()),
      unchanged: this.#restsOnPlatform
        ? [{ stream: 'platform' as StreamId, version: this.context.platform.version }]
        : [],
      outcomes: this.#outcomes.map(({ kept, answer: { verdict } }) => ({
        ...kept,
        lastEvent: verdict.kind === 'accepted' ? (firsts.get(verdict.working) ?? 0) + verdict.eventIndex : -1,
      })),
      consumed,
      fences,
    };
  }

  /** The messages that this batch is done with. */
  get places(): readonly MessageOffset[] {
    return this.#answers.flatMap(({ pending: { place } }) => place ?? []);
  }

  /** Says what was decided. @param appended undefined: nothing was written, and `head` is what the fenced read found */
  reply(appended: AppendResult | undefined, head: Position): void {
    const firsts = firstIndexes(this.#written());
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

  #decideSubmitted(pending: SubmittedPending, earlier: RecordedOutcome | undefined): void {
    const { submitted } = pending;
    if (earlier !== undefined) return this.#recall(pending, earlier);
    // Regardless of who chose the id: what comes by a message may come twice.
    const twin = this.#byId.get(idIn(submitted));
    if (twin !== undefined && this.#sameAs(pending, twin)) return;
    if (pending.replayOnly === 'copy') {
      this.#say(pending, { kind: 'failed', failure: laneFailures.not_accepted() });
      return;
    }
    if (pending.replayOnly === 'erased')
      return this.#refuse(pending, {
        code: 'number_erased',
        detail: 'A number was erased while the command was on its way; send it again, with the number.',
      });
    const { nowMs, wallMs } = this.context.time;
    if (wallMs > submitted.deadlineMs)
      return this.#refuse(pending, {
        code: 'deadline_passed',
        detail: 'The command waited past its deadline and was not decided.',
      });
    const working = this.#workingOn(pending.stream);
    if (working === undefined) return this.#refuse(pending, quarantined('history'));
    if (working.drains && !allowedWhileDraining(submitted.payload.type))
      return this.#refuse(pending, quarantined('timer'));
    const refusal = this.#platformRefusal(submitted, nowMs);
    const { by } = submitted;
    const sealing = sealingOf(submitted, nowMs);
    const rulings = {
      accepted: { ...sealing, issuedBy: actorOf(by, this.#keyVersion(working, by)) },
      refused: { ...sealing, issuedBy: refusalActor },
    };
    const before = working.events.length;
    const { sealer, reference } = this.context;
    const command = withMetadata(submitted.payload, nowMs, by, reference);
    const ruling =
      refusal === undefined
        ? working.record(command, this.context.model.decide(command, working.state), rulings, sealer)
        : working.recordRejection(command, refusal, rulings.refused, sealer);
    this.#events += working.events.length - before;
    if (!ruling.accepted) return this.#refuse(pending, ruling.refusal);
    this.#answer(
      pending,
      { kind: 'accepted', working, eventIndex: ruling.eventIndex, replayed: false },
      resultBytes(submitted.result),
    );
  }

  #actOnTime(stream: StreamId): void {
    const working = this.#workingOn(stream);
    if (working === undefined || working.drains) return;
    const { time, ids, sealer, reference } = this.context;
    const { nowMs, slow } = time;
    const commandId = ids.commandId();
    const sealing = { stream, commandId, decidedAtMs: nowMs, issuedBy: timerActor, traceparent: null };
    const before = working.events.length;
    const command: DomainCommand = {
      type: 'ActOnTime',
      nowMs,
      slow,
      calendar: reference.calendar,
      principal: { kind: 'timer' },
    };
    const decision = this.context.model.decide(command, working.state);
    working.record(command, decision, { accepted: sealing, refused: sealing }, sealer);
    this.#events += working.events.length - before;
  }

  /**
   * Returns an earlier outcome of this id: its own, when the answer of its append was lost; else that of an earlier
   * request.
   */
  #recall(pending: SubmittedPending, earlier: RecordedOutcome): void {
    const { submitted } = pending;
    if (!sameFields(earlier.fingerprint, submitted.fingerprint)) {
      this.#say(pending, { kind: 'failed', failure: laneFailures.idempotency_key_reused() });
      return;
    }
    const own = pending.outcomeUnknown && earlier.accepted && sameBytes(earlier.body, resultBytes(submitted.result));
    this.#say(pending, { kind: 'recalled', outcome: recalled(earlier, !own) });
  }

  /** @returns false when the twin's refusal is none that is kept: then the command is decided by itself */
  #sameAs(pending: SubmittedPending, twin: Answer<State>): boolean {
    const { verdict } = twin;
    if (verdict.kind === 'refused' && !verdict.kept) return false;
    if (!sameFields(twin.pending.submitted.fingerprint, pending.submitted.fingerprint)) {
      this.#say(pending, { kind: 'failed', failure: laneFailures.idempotency_key_reused() });
      return true;
    }
    const again = verdict.kind === 'accepted' || verdict.kind === 'refused' ? { ...verdict, replayed: true } : verdict;
    this.#answers.push({ pending, verdict: again, result: twin.result });
    return true;
  }

  #platformRefusal({ by, payload, stream }: SubmittedCommand, nowMs: EpochMs): Refusal | undefined {
    if (by.kind !== 'key' || by.home !== 'platform' || stream === 'platform') return undefined;
    const { platform, scope } = commandAuthority[payload.type];
    // The account's own decider says that no operator's key may issue this.
    if (!platform || scope === null) return undefined;
    this.#restsOnPlatform = true;
    return operatorRefusal(this.context.platform.state, by.keyId, scope, nowMs);
  }

  #keyVersion(working: WorkingStream<State>, by: SubmittedCommand['by']): number {
    if (by.kind !== 'key') return 0;
    if (by.home === 'platform') return this.context.platform.state.keys.get(by.keyId)?.keyVersion ?? 0;
    return this.context.model.keyVersion(working.loaded.state, by.keyId);
  }

  #refuse(pending: SubmittedPending, refusal: Refusal): void {
    const { kept } = refusalCatalogue[refusal.code];
    this.#answer(
      pending,
      { kind: 'refused', refusal, kept, replayed: false },
      kept ? refusalBytes(refusal) : undefined,
    );
  }

  /** @param body what is kept of it under its id; undefined: nothing */
  #answer(pending: SubmittedPending, verdict: Verdict<State>, body: Uint8Array | undefined): void {
    const answer = this.#say(pending, verdict);
    const { commandId, fingerprint, stream } = pending.submitted;
    this.#byId.set(idIn(pending.submitted), answer);
    if (body === undefined) return;
    const kept = { stream, commandId, fingerprint, accepted: verdict.kind === 'accepted', body };
    this.#outcomes.push({ kept, answer });
  }

  #say(pending: SubmittedPending, verdict: Verdict<State>): Answer<State> {
    const answer = { pending, verdict, result: pending.submitted.result };
    this.#answers.push(answer);
    return answer;
  }

  /** @returns undefined when the stream cannot be read */
  #workingOn(stream: StreamId): WorkingStream<State> | undefined {
    const known = this.#working.get(stream);
    if (known !== undefined) return known;
    const standing = this.context.standing(stream);
    if (standing === undefined || standing.status === 'unreadable') return undefined;
    const working = new WorkingStream(stream, this.context.model, standing.loaded, standing.status === 'draining');
    this.#working.set(stream, working);
    return working;
  }

  #written(): readonly WorkingStream<State>[] {
    return [...this.#working.values()].filter((working) => working.events.length > 0);
  }
}

function sealingOf(submitted: SubmittedCommand, nowMs: EpochMs): Omit<EnvelopeContext, 'issuedBy'> {
  const { stream, commandId, traceparent } = submitted;
  return { stream, commandId, decidedAtMs: nowMs, traceparent };
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
