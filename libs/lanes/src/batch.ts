import type { DomainCommand } from '@ringfence/domain/command';
import type { Refusal } from '@ringfence/domain/refusals';
import type { AppendBatch, AppendResult, LaneFence, RecordedOutcome } from '@ringfence/ports/log/event-store';
import type { StreamId } from '@ringfence/kernel/ids';
import { BrokenInvariant } from '@ringfence/kernel/invariant';
import type { EpochMs, Position } from '@ringfence/kernel/units';
import type { SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import { BatchAnswers } from './batch-answers.js';
import type { BatchContext } from './batch-context.js';
import type { EnvelopeContext } from './envelope-writer.js';
import { laneFailures } from './lane-failures.js';
import type { LaneModel } from './lane-models.js';
import type { Consumed, MessageOffset } from './owned-lanes.js';
import { operatorRuling } from './operator-ruling.js';
import type { Pending, SubmittedPending } from './pending-command.js';
import { actorOf, refusalActor, withMetadata, timerActor } from './command-metadata.js';
import { allowedWhileDraining, quarantined } from './quarantine.js';
import { WorkingStream } from './working-stream.js';

/**
 * Number of events from which a batch takes no further command. One command leads to at most a quarter of the events
 * that an append may hold.
 */
const eventsSoftMax = 3_072;

/** A command, or a stream's timer, that made the software throw. */
export type Thrown = { readonly pending: Pending; readonly cause: unknown };

/**
 * Decides commands one after another, each on the state left by the one before, and collects one append for all of
 * them. No reply is sent before the commit.
 */
export class Batch<State> {
  readonly #working = new Map<StreamId, WorkingStream<State>>();
  readonly #answers = new BatchAnswers<State>();
  /** Commands to be decided again, by stream: those behind one that threw, and those that found no room. */
  readonly putBack = new Map<StreamId, Pending[]>();
  readonly thrown: Thrown[] = [];
  /** True if a decision depends on an operator's key, so that the platform's stream must not have changed. */
  #dependsOnPlatform = false;
  #events = 0;
  readonly #model: LaneModel<State>;

  constructor(private readonly context: BatchContext<State>) {
    this.#model = context.model;
  }

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
    const cached = this.#working.get(pending.stream) ?? this.context.cached(pending.stream);
    if (this.#events >= eventsSoftMax || cached === undefined) {
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

  /** Rejects for good a command that made the software throw twice. */
  park(pending: SubmittedPending): void {
    this.#answers.refuse(pending, {
      code: 'command_parked',
      detail: 'This command makes our software fail; it was parked for an operator.',
    });
  }

  /** The append of the whole batch; undefined: there is nothing to write. */
  toAppend(fences: readonly LaneFence[], consumed: Consumed): AppendBatch | undefined {
    const written = this.#written();
    const outcomes = this.#answers.outcomes(written);
    if (written.length === 0 && outcomes.length === 0 && consumed.length === 0) return undefined;
    return {
      appends: written.map((working) => working.toAppend()),
      unchanged: this.#dependsOnPlatform
        ? [{ stream: 'platform' as StreamId, version: this.context.platform.version }]
        : [],
      outcomes,
      consumed,
      fences,
    };
  }

  /** The messages that this batch consumes. */
  get places(): readonly MessageOffset[] {
    return this.#answers.places;
  }

  /** Sends the replies. @param appended undefined: nothing was written, and `head` comes from the fenced read */
  reply(appended: AppendResult | undefined, head: Position): void {
    this.#answers.reply(this.#written(), appended, head);
  }

  /** The codes of what was refused, for the metrics. */
  refusals(): IterableIterator<Refusal['code']> {
    return this.#answers.refusals();
  }

  #decideSubmitted(pending: SubmittedPending, earlier: RecordedOutcome | undefined): void {
    const { submitted } = pending;
    if (earlier !== undefined) return this.#answers.recall(pending, earlier);
    // Regardless of who chose the id: what comes by a message may come twice.
    if (this.#answers.repeat(pending)) return;
    if (pending.replayOnly === 'copy') return this.#answers.fail(pending, laneFailures.not_accepted());
    if (pending.replayOnly === 'erased')
      return this.#answers.refuse(pending, {
        code: 'number_erased',
        detail: 'A number was erased while the command was on its way; send it again, with the number.',
      });
    const { nowMs, wallMs } = this.context.time;
    if (wallMs > submitted.deadlineMs)
      return this.#answers.refuse(pending, {
        code: 'deadline_passed',
        detail: 'The command waited past its deadline and was not decided.',
      });
    const working = this.#workingOn(pending.stream);
    if (working === undefined) return this.#answers.refuse(pending, quarantined('history'));
    if (working.drains && !allowedWhileDraining(submitted.payload.type))
      return this.#answers.refuse(pending, quarantined('timer'));
    const operator = operatorRuling(submitted, this.context.platform.state, nowMs);
    if (operator !== undefined) this.#dependsOnPlatform = true;
    const refusal = operator?.refusal;
    const { principal } = submitted;
    const context = envelopeContextOf(submitted, nowMs);
    const rulings = {
      accepted: { ...context, issuedBy: actorOf(principal, this.#keyVersion(working, principal)) },
      refused: { ...context, issuedBy: refusalActor },
    };
    const before = working.events.length;
    const { envelopes, reference } = this.context;
    const command = withMetadata(submitted.payload, nowMs, principal, reference);
    const ruling =
      refusal === undefined
        ? working.record(command, this.#model.decide(command, working.state), rulings, envelopes)
        : working.recordRejection(command, refusal, rulings.refused, envelopes);
    this.#events += working.events.length - before;
    if (!ruling.accepted) return this.#answers.refuse(pending, ruling.refusal);
    this.#answers.accept(pending, working, ruling.eventIndex);
  }

  #actOnTime(stream: StreamId): void {
    const working = this.#workingOn(stream);
    if (working === undefined || working.drains) return;
    const { time, ids, envelopes, reference } = this.context;
    const { nowMs, slow } = time;
    const commandId = ids.commandId();
    const context = { stream, commandId, decidedAtMs: nowMs, issuedBy: timerActor, traceparent: null };
    const before = working.events.length;
    const command: DomainCommand = {
      type: 'ActOnTime',
      nowMs,
      slow,
      calendar: reference.calendar,
      principal: { kind: 'timer' },
    };
    const decision = this.#model.decide(command, working.state);
    working.record(command, decision, { accepted: context, refused: context }, envelopes);
    this.#events += working.events.length - before;
  }

  #keyVersion(working: WorkingStream<State>, principal: SubmittedCommand['principal']): number {
    if (principal.kind !== 'key') return 0;
    if (principal.home === 'platform') return this.context.platform.state.keys.get(principal.keyId)?.keyVersion ?? 0;
    return this.#model.keyVersion(working.loaded.state, principal.keyId);
  }

  /** @returns undefined when the stream cannot be read */
  #workingOn(stream: StreamId): WorkingStream<State> | undefined {
    const known = this.#working.get(stream);
    if (known !== undefined) return known;
    const cached = this.context.cached(stream);
    if (cached === undefined || cached.status === 'unreadable') return undefined;
    const working = new WorkingStream(stream, this.#model, cached.loaded, cached.status === 'draining');
    this.#working.set(stream, working);
    return working;
  }

  #written(): readonly WorkingStream<State>[] {
    return [...this.#working.values()].filter((working) => working.events.length > 0);
  }
}

function envelopeContextOf(submitted: SubmittedCommand, nowMs: EpochMs): Omit<EnvelopeContext, 'issuedBy'> {
  const { stream, commandId, traceparent } = submitted;
  return { stream, commandId, decidedAtMs: nowMs, traceparent };
}
