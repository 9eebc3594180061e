import type { AppendResult, EventStore, LaneFence, RecordedOutcome } from '@ringfence/ports/log/event-store';
import { Failure } from '@ringfence/kernel/failure';
import type { StreamId } from '@ringfence/kernel/ids';
import { type Lane, laneOf } from '@ringfence/kernel/lane';
import type { Timers } from '@ringfence/kernel/timers';
import type { TracedSpan, Tracing } from '@ringfence/kernel/tracing';
import { addDuration, durationMs, type EpochMs, type Position } from '@ringfence/kernel/units';
import { split } from '@ringfence/kernel/split';
import { Batch, type Thrown } from './batch.js';
import { batchContext, type DecisionParts } from './batch-context.js';
import type { DueTimers } from './due-timers.js';
import type { ClockFault } from './lane-clock.js';
import { laneFailures } from './lane-failures.js';
import { lostOf } from './lost-lanes.js';
import type { LaneHost } from './lane-host.js';
import type { LaneMetrics } from './lane-metrics.js';
import type { StreamPool } from './stream-pool.js';
import type { Consumed, MessageOffset, OwnedLanes } from './owned-lanes.js';
import type { Pending, SubmittedPending } from './pending-command.js';

/** Number of appends of a command that may fail before its requester gets the failure. */
const failedAppendsMax = 5;
/** Number of times that a command may crash the decider before it is parked; a timer, before a quarantine. */
const throwsMax = 2;
const retryMsMin = 50;
const retryMsMax = 1_000;
/** Minimum wait before the timers of a stream in which nothing was due are tried again. */
const dueAgainMsMin = durationMs(1_000);
/** Pause before the next timers when more was due than one command performs. */
const dueMoreMsMin = durationMs(10);

type BatchRunnerParts = DecisionParts & {
  readonly store: EventStore;
  readonly timers: Timers;
  readonly host: LaneHost;
  readonly metrics: LaneMetrics;
  /** undefined: tracing is off. */
  readonly tracing: Tracing | undefined;
  readonly lanes: OwnedLanes;
  readonly due: Pick<DueTimers, 'set'>;
  readonly lanesLost: (lanes: readonly Lane[]) => void;
};

/**
 * Runs a batch of commands: looks up earlier outcomes, decides, commits and replies; when the store fails, requeues the
 * commands to be decided again.
 */
export class BatchRunner {
  #failuresInARow = 0;
  /** The replies of the last committed batch. */
  #pendingReplies: (() => void) | undefined;

  constructor(private readonly parts: BatchRunnerParts) {}

  async run<State>(side: StreamPool<State>, all: readonly Pending[]): Promise<void> {
    const again = await this.#attempt(side, all);
    for (const [stream, pendings] of byStream(again)) side.intake.requeue(stream, pendings);
  }

  /**
   * Sends the replies of the last committed batch. They are sent while the next batch is being written, so that work
   * that they trigger in this process does not delay it. Called when there is no next batch.
   */
  flushReplies(): void {
    const replies = this.#pendingReplies;
    this.#pendingReplies = undefined;
    replies?.();
  }

  /**
   * Records in the log that these messages are consumed although they led to no decision.
   * @throws the append's failure
   */
  async note(places: readonly MessageOffset[]): Promise<void> {
    const { lanes } = this.parts;
    const consumed = lanes.consumedWith(places);
    await this.#note(consumed);
    lanes.advance(consumed, places);
  }

  /** Records a lane's present consumed offsets in the log. @throws the append's failure */
  async noteLane(lane: Lane): Promise<void> {
    const { next, above, transactions } = this.parts.lanes.mine(lane).afterCompleting(new Set());
    await this.#note([{ lane, next, above, transactions }]);
  }

  async #note(consumed: Consumed): Promise<void> {
    const { lanes, store } = this.parts;
    const fences = lanes.fencesOf(consumed.map(({ lane }) => lane));
    try {
      await store.append({ appends: [], unchanged: [], outcomes: [], consumed, fences });
    } catch (failure) {
      if (failure instanceof Failure && failure.code === 'lane_lease_lost') await this.#lost(fences);
      throw failure;
    }
  }

  /** @returns the commands that must be decided again, in their order */
  async #attempt<State>(side: StreamPool<State>, all: readonly Pending[]): Promise<readonly Pending[]> {
    const [ours, others] = split(all, ({ stream }) => this.parts.lanes.owns(stream));
    if (others.length > 0) failAll(others, laneFailures.lane_unavailable('another process decides now'));
    return ours.length > 0 ? this.#attemptOurs(side, ours) : [];
  }

  async #attemptOurs<State>(side: StreamPool<State>, taken: readonly Pending[]): Promise<readonly Pending[]> {
    const { timers, metrics, tracing, store, lanes } = this.parts;
    let decided = false;
    let span: TracedSpan | undefined = undefined;
    let writing: TracedSpan | undefined = undefined;
    let done: { batch: Batch<State>; parked: readonly Thrown[]; appended: AppendResult | undefined; head: Position };
    try {
      if (!this.parts.platform.isFresh) this.flushReplies();
      await this.parts.platform.ensureFresh();
      const earlier = await this.#earlierOutcomes(taken);
      const { fault } = this.parts.clock;
      if (fault !== null) {
        this.#hold(taken, fault);
        return [];
      }
      const startedAtMs = timers.monotonicMs();
      span = tracing?.begin('lane.batch', taken.map(traceparentOf), { 'ringfence.commands': taken.length });
      const { batch, parked } = this.#decide(side, taken, earlier);
      decided = true;
      const fences = this.#fencesOf(taken);
      const consumed = lanes.consumedWith(batch.places);
      const append = batch.toAppend(fences, consumed);
      const decidedAtMs = timers.monotonicMs();
      writing = span?.begin(append === undefined ? 'log.fenced_read' : 'log.append');
      const appending = append === undefined ? undefined : store.append(append);
      this.flushReplies();
      const appended = await appending;
      const head = appended?.head ?? (await store.fencedRead(fences));
      writing?.end();
      span?.end({ 'ringfence.events': batch.events });
      metrics.batch(taken.length, decidedAtMs - startedAtMs, timers.monotonicMs() - decidedAtMs, batch.events);
      this.#failuresInARow = 0;
      lanes.advance(consumed, batch.places);
      done = { batch, parked, appended, head };
    } catch (error) {
      writing?.failed(error);
      span?.failed(error);
      this.flushReplies();
      return this.#failed(side, taken, decided, error);
    }
    // Outside of the try block: a committed command is never decided again.
    return this.#committed(side, done.batch, done);
  }

  /** Holds decisions while our clock cannot be trusted: commands fail, timers are postponed. */
  #hold(taken: readonly Pending[], fault: ClockFault): void {
    const { clock, due } = this.parts;
    failAll(taken, clockFailures[fault]());
    const againAtMs = addDuration(clock.dueUpTo(), dueAgainMsMin);
    for (const { kind, stream } of taken) if (kind === 'due') due.set(stream, againAtMs);
  }

  async #earlierOutcomes(taken: readonly Pending[]): Promise<ReadonlyMap<Pending, RecordedOutcome>> {
    const asked = taken.filter(
      (pending): pending is SubmittedPending =>
        pending.kind === 'submitted' &&
        (pending.submitted.idChosenByClient || pending.outcomeUnknown || pending.replayOnly !== null),
    );
    if (asked.length === 0) return new Map();
    this.flushReplies();
    const keys = asked.map(({ submitted: { stream, commandId } }) => ({ stream, commandId }));
    const found = await this.parts.store.findOutcomes(keys);
    const byId = new Map(found.map((outcome) => [`${outcome.stream}/${outcome.commandId}`, outcome]));
    return new Map(
      asked.flatMap((pending) => {
        const outcome = byId.get(`${pending.stream}/${pending.submitted.commandId}`);
        return outcome === undefined ? [] : [[pending, outcome] as const];
      }),
    );
  }

  #decide<State>(
    side: StreamPool<State>,
    taken: readonly Pending[],
    earlier: ReadonlyMap<Pending, RecordedOutcome>,
  ): { batch: Batch<State>; parked: readonly Thrown[] } {
    const batch = new Batch(batchContext(this.parts, side));
    for (const pending of taken) {
      // It made the store fail twice, and is not tried again.
      if (pending.kind === 'submitted' && pending.crashes >= throwsMax && !earlier.has(pending))
        batch.setAside(pending);
      else batch.decide(pending, earlier.get(pending));
    }
    const parked = batch.thrown.filter(
      ({ pending }) => pending.kind === 'submitted' && pending.crashes >= throwsMax - 1,
    );
    for (const { pending } of parked) if (pending.kind === 'submitted') batch.park(pending);
    return { batch, parked };
  }

  async #committed<State>(
    side: StreamPool<State>,
    batch: Batch<State>,
    { appended, head, parked }: { appended: AppendResult | undefined; head: Position; parked: readonly Thrown[] },
  ): Promise<readonly Pending[]> {
    this.#pendingReplies = () => {
      batch.reply(appended, head);
    };
    for (const working of batch.working) {
      side.commit(working.stream, working.loaded);
      const nextDueMs = working.drains ? null : this.#dueAgain(working.nextDueMs, working.events.length > 0);
      this.parts.due.set(working.stream, nextDueMs);
    }
    for (const code of batch.refusals()) this.parts.metrics.refused(code);
    for (const thrown of batch.thrown) await this.#onCrash(side, batch, thrown, parked.includes(thrown));
    return [...batch.putBack.values()].flat();
  }

  #dueAgain(nextDueMs: EpochMs | null, didSomething: boolean): EpochMs | null {
    const dueUpToMs = this.parts.clock.dueUpTo();
    if (nextDueMs === null || nextDueMs > dueUpToMs) return nextDueMs;
    return addDuration(dueUpToMs, didSomething ? dueMoreMsMin : dueAgainMsMin);
  }

  /** Rebuilds the command's stream and tries the command once more, alone; at the second crash it is parked. */
  async #onCrash<State>(side: StreamPool<State>, batch: Batch<State>, thrown: Thrown, parked: boolean): Promise<void> {
    const { pending, cause } = thrown;
    const { host, metrics } = this.parts;
    await side.drop(pending.stream);
    pending.crashes += 1;
    if (parked && pending.kind === 'submitted') {
      metrics.parked();
      const { commandId, payload } = pending.submitted;
      host.parked({ stream: pending.stream, commandId, type: payload.type }, cause);
      return;
    }
    if (isPoisonedTimer(pending)) this.#drain(side, pending.stream, cause);
    else batch.putBack.get(pending.stream)?.unshift(pending);
  }

  /**
   * Quarantines a stream whose timer failed twice: it would fail for ever, and block every later timer of the stream.
   */
  #drain<State>(side: StreamPool<State>, stream: StreamId, cause: unknown): void {
    side.drain(stream);
    this.parts.metrics.quarantined();
    this.parts.host.quarantined(stream, cause, 'timer');
  }

  async #failed<State>(
    side: StreamPool<State>,
    taken: readonly Pending[],
    decided: boolean,
    error: unknown,
  ): Promise<readonly Pending[]> {
    const { metrics, host } = this.parts;
    const code = error instanceof Failure ? error.code : 'broken';
    metrics.appendFailed(code);
    if (code === 'lane_lease_lost') {
      await this.#lost(this.#fencesOf(taken));
      const [ours, others] = split(taken, ({ stream }) => this.parts.lanes.owns(stream));
      failAll(others, laneFailures.lane_unavailable('another process decides now', error));
      return ours;
    }
    const curable =
      error instanceof Failure &&
      (error.retryable || code === 'outcome_already_kept' || code === 'event_store_conflict');
    // Under a valid fence nobody else writes here, so this is a bug, unless an append of ours succeeded without our
    // knowing, or a message was delivered twice.
    const isOutcomeUnknown = taken.some((pending) => pending.kind === 'submitted' && pending.outcomeUnknown);
    const cameAgain = code === 'outcome_already_kept' && taken.some(cameByMessage);
    if (!curable || (!error.retryable && !isOutcomeUnknown && !cameAgain)) host.broken(error);
    if (code === 'event_store_unavailable' || code === 'lane_unavailable') await this.#pause();
    try {
      for (const stream of new Set(taken.map((pending) => pending.stream))) await side.drop(stream);
      if (code === 'stream_changed') await this.parts.platform.refresh();
    } catch {
      // The store is still unavailable. The state in memory is committed, and the next append will detect a lost lane.
    }
    if (!curable && taken.length > 1) return this.#bisect(side, taken);
    for (const pending of taken) {
      if (!curable) pending.crashes += 1;
      if (pending.kind === 'submitted') {
        pending.failedAppends += 1;
        pending.outcomeUnknown ||= decided;
      } else if (isPoisonedTimer(pending)) {
        this.#drain(side, pending.stream, error);
        return [];
      }
    }
    const [exhausted, again] = split(
      taken,
      (pending) => pending.kind === 'submitted' && pending.failedAppends >= failedAppendsMax,
    );
    failAll(exhausted, laneFailures.lane_unavailable('the event store does not answer', error));
    return again;
  }

  /**
   * Splits a batch whose append fails because of its contents, to find the failing command. A command that has to wait
   * holds back later commands of its stream.
   */
  async #bisect<State>(side: StreamPool<State>, taken: readonly Pending[]): Promise<readonly Pending[]> {
    const middle = Math.ceil(taken.length / 2);
    const again: Pending[] = [];
    for (const half of [taken.slice(0, middle), taken.slice(middle)]) {
      const held = new Set(again.map(({ stream }) => stream));
      const [behind, free] = split(half, ({ stream }) => held.has(stream));
      const [ready, missing] = await this.#reloaded(side, free);
      again.push(...behind, ...missing, ...(await this.#attempt(side, ready)));
    }
    return again;
  }

  /**
   * Waits for the states that were dropped after a failed append.
   * @returns the commands that can be decided now, and those whose stream is not loaded yet
   */
  async #reloaded<State>(side: StreamPool<State>, half: readonly Pending[]): Promise<readonly [Pending[], Pending[]]> {
    const streams = [...new Set(half.map((pending) => pending.stream))];
    for (let look = 0; look < reloadLooksMax && !streams.map((stream) => side.ready(stream)).every(Boolean); look += 1)
      await new Promise<void>((resolve) => this.parts.timers.after(reloadLookMs, resolve));
    return split(half, (pending) => side.ready(pending.stream));
  }

  async #pause(): Promise<void> {
    const ms = Math.min(retryMsMax, retryMsMin * 2 ** this.#failuresInARow);
    this.#failuresInARow = Math.min(10, this.#failuresInARow + 1);
    await new Promise<void>((resolve) => this.parts.timers.after(ms, resolve));
  }

  /** Finds lanes that another process has taken. If the store does not answer, the next append will detect them. */
  async #lost(fences: readonly LaneFence[]): Promise<void> {
    const { lanes, store, lanesLost } = this.parts;
    const lost = await lostOf(store, fences);
    lanes.drop(lost);
    if (lost.length > 0) lanesLost(lost);
  }

  #fencesOf(taken: readonly Pending[]): readonly LaneFence[] {
    const { lanes } = this.parts;
    return lanes.fencesOf(taken.map(({ stream }) => laneOf(stream, lanes.laneCount)));
  }
}

const clockFailures: Readonly<Record<ClockFault, () => Failure>> = {
  stepped: laneFailures.clock_stepped,
  off_store: () => laneFailures.lane_unavailable('our clock and that of the event store differ'),
};

const reloadLookMs = 10;
const reloadLooksMax = 100;

function isPoisonedTimer(pending: Pending): boolean {
  return pending.kind === 'due' && pending.crashes >= throwsMax;
}

function traceparentOf(pending: Pending): string | null {
  return pending.kind === 'submitted' ? pending.submitted.traceparent : null;
}

function cameByMessage(pending: Pending): boolean {
  return pending.kind === 'submitted' && pending.place !== null;
}

function failAll(pendings: readonly Pending[], failure: Failure): void {
  for (const pending of pendings) if (pending.kind === 'submitted') pending.reject(failure);
}

function byStream(pendings: readonly Pending[]): ReadonlyMap<StreamId, readonly Pending[]> {
  const streams = new Map<StreamId, Pending[]>();
  for (const pending of pendings) {
    const waiting = streams.get(pending.stream);
    if (waiting === undefined) streams.set(pending.stream, [pending]);
    else waiting.push(pending);
  }
  return streams;
}
