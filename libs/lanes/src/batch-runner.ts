import type { AppendResult, EventStore, LaneFence, RecordedOutcome } from '@ringfence/ports/log/event-store';
import { Failure } from '@ringfence/kernel/failure';
import type { StreamId } from '@ringfence/kernel/ids';
import { type Lane, laneOf } from '@ringfence/kernel/lane';
import type { Timers } from '@ringfence/kernel/timers';
import type { TracedSpan, Tracing } from '@ringfence/kernel/tracing';
import { addDuration, durationMs, type EpochMs, type Position } from '@ringfence/kernel/units';
import { Batch, type Thrown } from './batch.js';
import { batchContext, type DecisionParts } from './batch-context.js';
import type { DueTimers } from './due-timers.js';
import type { ClockTrouble } from './lane-clock.js';
import { laneFailures } from './lane-failures.js';
import { lostOf } from './lost-lanes.js';
import type { LaneHost } from './lane-host.js';
import type { LaneMetrics } from './lane-metrics.js';
import type { StreamPool } from './stream-pool.js';
import type { Consumed, MessageOffset, OwnedLanes } from './owned-lanes.js';
import type { Pending, SubmittedPending } from './pending-command.js';

/** Appends that may fail under a command before its requester gets the failure. */
const failedAppendsMax = 5;
/** Number of times that a command may crash the decider before it is parked; a timer, before a quarantine. */
const throwsMax = 2;
const retryMsMin = 50;
const retryMsMax = 1_000;
/** A stream whose time has come and where nothing was due is looked at again no sooner than this. */
const dueAgainMsMin = durationMs(1_000);
/** Pause before the next timers when more was due than one command does. */
const dueMoreMsMin = durationMs(10);

type BatchRunnerParts = DecisionParts & {
  readonly store: EventStore;
  readonly timers: Timers;
  readonly host: LaneHost;
  readonly metrics: LaneMetrics;
  /** undefined: nobody wants traces. */
  readonly tracing: Tracing | undefined;
  readonly lanes: OwnedLanes;
  readonly due: Pick<DueTimers, 'set'>;
  readonly lanesLost: (lanes: readonly Lane[]) => void;
};

/**
 * Takes a batch of commands to its end: looked up, decided, committed, answered; or, when the store fails, put back to
 * be decided again.
 */
export class BatchRunner {
  #failuresInARow = 0;
  /** The replies of a batch that is committed. */
  #pendingReplies: (() => void) | undefined;

  constructor(private readonly parts: BatchRunnerParts) {}

  async run<State>(side: StreamPool<State>, all: readonly Pending[]): Promise<void> {
    const again = await this.#attempt(side, all);
    for (const [stream, pendings] of byStream(again)) side.intake.requeue(stream, pendings);
  }

  /**
   * Gives the replies of the last batch that was committed. They are given while the next one is being written, so that
   * what they set off in this process does not keep it waiting; who has no next one to run says so with this.
   */
  flushReplies(): void {
    const unsaid = this.#pendingReplies;
    this.#pendingReplies = undefined;
    unsaid?.();
  }

  /**
   * Says in the log that these messages are done with, though nothing was decided on them.
   * @throws what the append threw
   */
  async note(places: readonly MessageOffset[]): Promise<void> {
    const { lanes } = this.parts;
    const consumed = lanes.consumedWith(places);
    await this.#note(consumed);
    lanes.advance(consumed, places);
  }

  /** Says in the log how a lane is consumed now. @throws what the append threw */
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

  /** @returns those that must be decided again, in their order */
  async #attempt<State>(side: StreamPool<State>, all: readonly Pending[]): Promise<readonly Pending[]> {
    const [ours, others] = partition(all, ({ stream }) => this.parts.lanes.owns(stream));
    if (others.length > 0) failAll(others, laneFailures.lane_unavailable('another process decides now'));
    return ours.length > 0 ? this.#triedOurs(side, ours) : [];
  }

  async #triedOurs<State>(side: StreamPool<State>, taken: readonly Pending[]): Promise<readonly Pending[]> {
    const { timers, metrics, tracing, store, lanes } = this.parts;
    let decided = false;
    let span: TracedSpan | undefined = undefined;
    let writing: TracedSpan | undefined = undefined;
    let done: { batch: Batch<State>; parked: readonly Thrown[]; appended: AppendResult | undefined; head: Position };
    try {
      if (!this.parts.platform.isFresh) this.flushReplies();
      await this.parts.platform.ensureFresh();
      const earlier = await this.#earlierOutcomes(taken);
      const { trouble } = this.parts.clock;
      if (trouble !== null) {
        this.#hold(taken, trouble);
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
    // Outside: what is committed is never decided again.
    return this.#committed(side, done.batch, done);
  }

  /** Decides nothing while our clock cannot be trusted: commands fail, timers are postponed. */
  #hold(taken: readonly Pending[], trouble: ClockTrouble): void {
    const { clock, due } = this.parts;
    failAll(taken, clockFailures[trouble]());
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
      // It was the store that it made fail, twice: it is not tried again.
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

  /** Rebuilds the command's stream and tries the command once more, alone; the second time it is parked. */
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
    if (isHopelessTimer(pending)) this.#drain(side, pending.stream, cause);
    else batch.putBack.get(pending.stream)?.unshift(pending);
  }

  /** A timer that fails twice would fail for ever, and with it every later one of its stream. */
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
      const [ours, others] = partition(taken, ({ stream }) => this.parts.lanes.owns(stream));
      failAll(others, laneFailures.lane_unavailable('another process decides now', error));
      return ours;
    }
    const curable =
      error instanceof Failure &&
      (error.retryable || code === 'outcome_already_kept' || code === 'event_store_conflict');
    // Under a valid fence nobody else writes here, unless an append of ours went through unseen; and what comes by a
    // message may come again.
    const unheard = taken.some((pending) => pending.kind === 'submitted' && pending.outcomeUnknown);
    const cameAgain = code === 'outcome_already_kept' && taken.some(cameByMessage);
    if (!curable || (!error.retryable && !unheard && !cameAgain)) host.broken(error);
    if (code === 'event_store_unavailable' || code === 'lane_unavailable') await this.#pause();
    try {
      for (const stream of new Set(taken.map((pending) => pending.stream))) await side.drop(stream);
      if (code === 'stream_changed') await this.parts.platform.refresh();
    } catch {
      // The store is away still: what is in memory was committed, and the next append finds out.
    }
    if (!curable && taken.length > 1) return this.#bisect(side, taken);
    for (const pending of taken) {
      if (!curable) pending.crashes += 1;
      if (pending.kind === 'submitted') {
        pending.failedAppends += 1;
        pending.outcomeUnknown ||= decided;
      } else if (isHopelessTimer(pending)) {
        this.#drain(side, pending.stream, error);
        return [];
      }
    }
    const [hopeless, again] = partition(
      taken,
      (pending) => pending.kind === 'submitted' && pending.failedAppends >= failedAppendsMax,
    );
    failAll(hopeless, laneFailures.lane_unavailable('the event store does not answer', error));
    return again;
  }

  /**
   * Splits a batch whose append fails because of its contents: smaller batches find the command. A command that has to
   * wait holds back those of its stream behind it.
   */
  async #bisect<State>(side: StreamPool<State>, taken: readonly Pending[]): Promise<readonly Pending[]> {
    const middle = Math.ceil(taken.length / 2);
    const again: Pending[] = [];
    for (const half of [taken.slice(0, middle), taken.slice(middle)]) {
      const held = new Set(again.map(({ stream }) => stream));
      const [behind, free] = partition(half, ({ stream }) => held.has(stream));
      const [ready, missing] = await this.#reloaded(side, free);
      again.push(...behind, ...missing, ...(await this.#attempt(side, ready)));
    }
    return again;
  }

  /**
   * Waits for the states that a failed append made us drop.
   * @returns the commands that can be decided on now, and those whose stream cannot be had yet
   */
  async #reloaded<State>(side: StreamPool<State>, half: readonly Pending[]): Promise<readonly [Pending[], Pending[]]> {
    const streams = [...new Set(half.map((pending) => pending.stream))];
    for (let look = 0; look < reloadLooksMax && !streams.map((stream) => side.ready(stream)).every(Boolean); look += 1)
      await new Promise<void>((resolve) => this.parts.timers.after(reloadLookMs, resolve));
    return partition(half, (pending) => side.ready(pending.stream));
  }

  async #pause(): Promise<void> {
    const ms = Math.min(retryMsMax, retryMsMin * 2 ** this.#failuresInARow);
    this.#failuresInARow = Math.min(10, this.#failuresInARow + 1);
    await new Promise<void>((resolve) => this.parts.timers.after(ms, resolve));
  }

  /** Finds the lanes that another process has now; while the store does not answer, the next append finds out. */
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

const clockFailures: Readonly<Record<ClockTrouble, () => Failure>> = {
  stepped: laneFailures.clock_stepped,
  off_store: () => laneFailures.lane_unavailable('our clock and that of the event store differ'),
};

const reloadLookMs = 10;
const reloadLooksMax = 100;

function isHopelessTimer(pending: Pending): boolean {
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

function partition<Item>(items: readonly Item[], holds: (item: Item) => boolean): [Item[], Item[]] {
  const yes: Item[] = [];
  const no: Item[] = [];
  for (const item of items) (holds(item) ? yes : no).push(item);
  return [yes, no];
}
