import type { DomainCommand } from '@ringfence/domain/command';
import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { Refusal } from '@ringfence/domain/refusals';
import type { Decision } from '@ringfence/kernel/decider';
import type { EventToAppend, StreamAppend } from '@ringfence/ports/log/event-store';
import type { StreamId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { EnvelopeWriter, EnvelopeContext } from './envelope-writer.js';
import type { LaneModel } from './lane-models.js';
import type { LoadedStream } from './loaded-stream.js';

/** The result of one command. `eventIndex`: the index of its last event among the stream's new ones. */
type CommandResult =
  { readonly accepted: true; readonly eventIndex: number } | { readonly accepted: false; readonly refusal: Refusal };

/** A stream with the uncommitted changes of one batch. A command that throws leaves no changes. */
export class WorkingStream<State = unknown> {
  readonly #base: LoadedStream<State>;
  #now: LoadedStream<State>;
  readonly events: EventToAppend[] = [];

  /** @param drains true if only commands that end something are decided */
  constructor(
    readonly stream: StreamId,
    private readonly model: LaneModel<State>,
    base: LoadedStream<State>,
    readonly drains = false,
  ) {
    this.#base = base;
    this.#now = base;
  }

  /** The state that the next command of the batch is decided on. */
  get state(): State {
    return this.#now.state;
  }

  /** Returns the stream as it will be after the commit. */
  get loaded(): LoadedStream<State> {
    return this.#now;
  }

  get nextDueMs(): EpochMs | null {
    return this.model.nextDueMs(this.#now.state);
  }

  /**
   * Applies the events of a decision to the state, and encodes them.
   * @throws errors of `evolve` or the encoder
   */
  record(
    command: DomainCommand,
    decision: Decision<DomainEvent, Refusal>,
    context: { accepted: EnvelopeContext; refused: EnvelopeContext },
    envelopes: EnvelopeWriter,
  ): CommandResult {
    const { state } = this.#now;
    if (decision.accepted) {
      this.#apply(decision.events, state, context.accepted, envelopes);
      return { accepted: true, eventIndex: this.events.length - 1 };
    }
    this.#apply(decision.trace, this.model.afterRefusal(command, state, decision.refusal), context.refused, envelopes);
    return { accepted: false, refusal: decision.refusal };
  }

  /**
   * Refuses a command whose principal belongs to another stream and may not issue it; this stream records the
   * rejection.
   * @throws errors of `evolve` or the encoder
   */
  recordRejection(
    command: DomainCommand,
    refusal: Refusal,
    context: EnvelopeContext,
    envelopes: EnvelopeWriter,
  ): CommandResult {
    const { trace, after } = this.model.unauthorized(command, this.#now.state, refusal);
    this.#apply(trace, after, context, envelopes);
    return { accepted: false, refusal };
  }

  toAppend(): StreamAppend {
    return {
      stream: this.stream,
      expectedVersion: this.#base.version,
      events: this.events,
      nextDueMs: this.nextDueMs,
    };
  }

  #apply(events: readonly DomainEvent[], from: State, context: EnvelopeContext, envelopes: EnvelopeWriter): void {
    let { version, prevHash } = this.#now;
    let state = from;
    const sealed: EventToAppend[] = [];
    for (const event of events) {
      const before = state;
      state = this.model.evolve(before, event);
      const { toAppend, end } = envelopes.write(event, this.model.facts(event, before, state), context, {
        version,
        prevHash,
      });
      ({ version, prevHash } = end);
      sealed.push(toAppend);
    }
    // Only now, so that an error above has changed nothing.
    this.events.push(...sealed);
    const decidedAtMs = events.length === 0 ? this.#now.decidedAtMs : context.decidedAtMs;
    this.#now = { ...this.#now, state, version, prevHash, decidedAtMs };
  }
}
