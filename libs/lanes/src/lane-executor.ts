import type { ConsumedOffsets } from '@ringfence/ports/log/event-store';
import type { Failure } from '@ringfence/kernel/failure';
import type { StreamId } from '@ringfence/kernel/ids';
import { BrokenInvariant, invariant } from '@ringfence/kernel/invariant';
import type { Lane } from '@ringfence/kernel/lane';
import { type CancelTimer, nextTurn } from '@ringfence/kernel/timers';
import type { StreamVersion } from '@ringfence/kernel/units';
import type { BatchRunner } from './batch-runner.js';
import type { CommandDispatcher, CommandOutcome, SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import { orFirstErasure } from './first-erasure.js';
import type { ClockFault } from './lane-clock.js';
import { laneFailures } from './lane-failures.js';
import type { LaneExecutorOptions } from './lane-executor-options.js';
import { silentLaneMetrics } from './lane-metrics.js';
import type { Pool, StreamPool } from './stream-pool.js';
import { type LaneParts, openLaneParts } from './lane-parts.js';
import { LaneTransactions } from './lane-transactions.js';
import { lostOf } from './lost-lanes.js';
import { asRecorded, type MessageOffset } from './owned-lanes.js';
import { isAtHome, type ReplayOnly, pendingCommand } from './pending-command.js';

/** The most commands that are committed together. */
export const batchCommandsMax = 256;
/** Time after which a requester refused by a full queue should retry. */
export const overloadRetryAfterMs = 1_000;
/**
 * Time for which reports of workers wait for a command that somebody waits for, whose commit they then share; and the
 * number of them that waits for none.
 */
export const reportsWaitMs = 150;
export const reportsWaitingMax = 32;
/** Time for which waiting commands are decided at a clean stop. */
const stopDrainMsMax = 5_000;

/**
 * Decides for the lanes that it owns. Commands wait in queues by account, which are served round-robin; each is decided
 * in memory on the state left by the one before, and one append commits a batch across all accounts. Replies are sent
 * only after the commit, or after a fenced read has shown that we still own the lanes.
 */
export class LaneExecutor implements CommandDispatcher {
  #phase: 'running' | 'draining' | 'stopped' = 'running';
  #loop: Promise<void> | undefined;
  /** True if work has arrived since the loop last checked. */
  #woken = false;
  /** Kafka transactions in the partitions of our lanes. */
  readonly transactions: LaneTransactions;
  #cancelReportsWait: CancelTimer | undefined;
  /** Actions to run between batches. */
  readonly #betweenBatches: (() => void | Promise<void>)[] = [];
  /** Runs a batch of each kind of stream, in the order of their turns; says whether there was something to decide. */
  readonly #turns: readonly (() => Promise<boolean>)[];

  readonly #runner: BatchRunner;

  private constructor(
    private readonly options: LaneExecutorOptions,
    private readonly parts: LaneParts,
  ) {
    this.#runner = parts.runner;
    this.transactions = new LaneTransactions(parts.lanes, (lane) => this.#written(() => this.#runner.noteLane(lane)));
    this.#turns = parts.pools.map((pool) => pool.visit((streams) => () => this.#runOne(streams)));
  }

  /**
   * Loads the reference data, and takes every lane from its owner if it is to own them all. Due timers fire first.
   * @throws Failure `event_store_unavailable` (retryable), HistoryBroken for the platform's own stream
   */
  static async start(options: LaneExecutorOptions): Promise<LaneExecutor> {
    let executor: LaneExecutor | undefined = undefined;
    const running = (): LaneExecutor => {
      invariant(executor !== undefined, 'no part reports before the executor is assigned');
      return executor;
    };
    const parts = await openLaneParts(options, {
      wake: () => {
        running().#wake();
      },
      due: (stream) => {
        running().#onDue(stream);
      },
      failStream: (stream, why) => {
        running().#failStream(stream, why);
      },
      evictForeign: () => {
        running().#evictForeign();
      },
    });
    executor = new LaneExecutor(options, parts);
    const { log, lanes } = options;
    if (lanes === 'all') await executor.acquire(Array.from({ length: log.laneCount }, (_, lane) => lane as Lane));
    return executor;
  }

  /**
   * Takes lanes from their owners. Their due timers fire first.
   * @param holding what of this is still so, asked when nobody else can consume any more of these lanes
   * @returns of each lane, how far its commands are consumed; null: nothing ever was
   * @throws Failure `event_store_unavailable`, `lane_unavailable` (retryable)
   */
  async acquire(lanes: readonly Lane[], holding = asRecorded): Promise<ReadonlyMap<Lane, ConsumedOffsets | null>> {
    const { store, owner } = this.options;
    await this.release(lanes);
    const taken = await holding(await store.takeLanes(lanes, owner));
    // Reads from now on contain everything that earlier owners did.
    await this.parts.reference.refresh();
    this.parts.clock.after(this.parts.reference.loaded);
    this.parts.lanes.take(taken);
    await this.parts.due.look();
    return new Map(taken.map(({ lane, consumed }) => [lane, consumed]));
  }

  /** Releases lanes: the current batch is finished, waiting commands are rejected, and nothing is kept in memory. */
  async release(lanes: readonly Lane[]): Promise<void> {
    await this.#whileIdle(() => {
      this.parts.lanes.drop(lanes);
      this.#evictForeign();
    });
  }

  /** Releases those of these lanes that another process has taken. @returns them, and lanes that were not ours */
  async releaseTaken(lanes: readonly Lane[]): Promise<readonly Lane[]> {
    const ours = lanes.filter((lane) => this.ownsLane(lane));
    const taken = await lostOf(this.options.store, this.parts.lanes.fencesOf(ours));
    if (taken.length > 0) await this.release(taken);
    return lanes.filter((lane) => !this.ownsLane(lane));
  }

  /**
   * Says whether a message has been consumed and must not be dispatched again. Also false for a lane that is not
   * ours.
   */
  isConsumed({ lane, offset }: MessageOffset): boolean {
    return this.parts.lanes.consumptionOf(lane)?.isDone(offset) ?? false;
  }

  /** Says whether we own this lane; another process may have taken it without our knowing yet. */
  ownsLane(lane: Lane): boolean {
    return this.parts.lanes.consumptionOf(lane) !== undefined;
  }

  /**
   * Registers messages that will be dispatched or committed, in any order; the consumed offset does not pass them
   * before that.
   * @throws Failure `lane_unavailable` (retryable)
   */
  trackOffsets(places: readonly MessageOffset[]): void {
    for (const place of places) this.#offer(place);
  }

  /**
   * Records in the log that these messages are consumed although there was nothing to decide.
   * @throws Failure `lane_unavailable` (retryable)
   */
  async commitOffsets(places: readonly MessageOffset[]): Promise<void> {
    await this.#written(async () => {
      for (const place of places) this.#offer(place);
      await this.#runner.note(places);
    });
  }

  /** Notes that another process has written to the platform's stream, up to this version. */
  onPlatformAdvanced(version: StreamVersion): void {
    this.parts.reference.noteRemoteAdvance(version);
  }

  /**
   * @param place the message of the command, whose consumption is committed in the same append as the outcome
   * @param replayOnly the reason why the command only gets an earlier outcome of its id and is never decided itself
   */
  dispatch(
    command: SubmittedCommand,
    place: MessageOffset | null = null,
    replayOnly: ReplayOnly | null = null,
  ): Promise<CommandOutcome> {
    invariant(isAtHome(command), 'a command is dispatched to the stream of its own account');
    const decided = new Promise<CommandOutcome>((resolve, reject) => {
      if (this.#phase !== 'running') {
        reject(laneFailures.lane_unavailable('the process is stopping'));
        return;
      }
      if (!this.parts.lanes.owns(command.stream)) {
        reject(laneFailures.lane_unavailable('another process decides now'));
        return;
      }
      const pending = pendingCommand(command, { place, replayOnly, resolve, reject });
      // Tracked first: a message that finds no room will be redelivered, and the consumed offset must not pass it.
      if (place !== null) this.#offer(place);
      if (!this.#poolOf(command.stream).intake.enqueue(pending)) {
        reject(laneFailures.overloaded(overloadRetryAfterMs));
        return;
      }
      // A message is not left waiting: nothing of its partition is taken before it is decided.
      if (isReport(command) && place === null) this.#wakeForReports();
      else this.#wake();
    });
    if (command.payload.type !== 'EraseSubject') return decided;
    return decided.then((outcome) => orFirstErasure(outcome, command, this.options.store));
  }

  /** Accepts no more commands, decides waiting ones, and writes snapshots for a quick start. Bounded in time. */
  async stop(): Promise<void> {
    if (this.#phase !== 'running') return;
    this.#phase = 'draining';
    const { due, clock, snapshotter } = this.parts;
    due.stop();
    const drain = { late: false };
    const cancel = this.options.timers.after(stopDrainMsMax, () => {
      drain.late = true;
      this.#phase = 'stopped';
    });
    this.#wake();
    await this.#loop;
    cancel();
    this.#phase = 'stopped';
    this.#failAll('the process is stopping');
    for (const work of this.#betweenBatches.splice(0)) await work();
    if (!drain.late) await this.snapshotHotStreams();
    await snapshotter.stop();
    clock.stop();
  }

  /**
   * Writes snapshots of states that would take long to rebuild, most recently used first. Called before lanes are
   * released, because that drops their states. Bounded in time.
   */
  async snapshotHotStreams(): Promise<void> {
    for (const pool of this.parts.pools) await pool.snapshotHot();
  }

  /** Reason why nothing is decided at present; null: there is none. */
  get clockFault(): ClockFault | null {
    return this.parts.clock.fault;
  }

  get waiting(): number {
    return this.parts.pools.reduce((waiting, { intake }) => waiting + intake.waiting, 0);
  }

  #poolOf(stream: StreamId): Pool {
    for (const pool of this.parts.pools) if (pool.owns(stream)) return pool;
    throw new BrokenInvariant(`${stream} is of no kind of stream that this release has`);
  }

  /**
   * Starts the loop unless it runs. In a later turn of the event loop, so that commands that arrive together are
   * decided together.
   */
  #wake(): void {
    this.#woken = true;
    this.#loop ??= nextTurn(this.options.timers).then(() => this.#drain());
  }

  /** Leaves a report, for whose answer nobody waits, to the next command, or decides it after a while. */
  #wakeForReports(): void {
    if (this.waiting >= reportsWaitingMax) {
      this.#wake();
      return;
    }
    this.#cancelReportsWait ??= this.options.timers.after(reportsWaitMs, () => {
      this.#cancelReportsWait = undefined;
      this.#wake();
    });
  }

  async #drain(): Promise<void> {
    const runner = this.#runner;
    this.#cancelReportsWait?.();
    this.#cancelReportsWait = undefined;
    try {
      while (this.#woken && !this.#stopped()) {
        this.#woken = false;
        if (this.#betweenBatches.length > 0) runner.flushReplies();
        for (const work of this.#betweenBatches.splice(0)) await work();
        // Each kind has batches of its own.
        let decided = false;
        for (const runOne of this.#turns) if (await runOne()) decided = true;
        this.#woken ||= decided;
        if (!decided) runner.flushReplies();
      }
    } finally {
      runner.flushReplies();
      this.#loop = undefined;
    }
  }

  /** @returns whether there was anything to decide */
  async #runOne<State>(pool: StreamPool<State>): Promise<boolean> {
    if (this.#stopped()) return false;
    const taken = pool.intake.take(batchCommandsMax, (stream) => pool.ready(stream));
    if (taken.length === 0) return false;
    (this.options.metrics ?? silentLaneMetrics).queueLength(this.waiting);
    await this.#runner.run(pool, taken);
    return true;
  }

  #stopped(): boolean {
    return this.#phase === 'stopped';
  }

  #onDue(stream: StreamId): void {
    this.#poolOf(stream).offerDue(stream);
    this.#wake();
  }

  #failStream(stream: StreamId, why: Failure): void {
    const { intake } = this.#poolOf(stream);
    intake.dropDue(stream);
    for (const pending of intake.drainStream(stream)) pending.reject(why);
  }

  #failAll(reason: string): void {
    const why = laneFailures.lane_unavailable(reason);
    for (const { intake } of this.parts.pools) for (const pending of intake.drain()) pending.reject(why);
  }

  /** Runs work between batches; never after the loop has ended for good. */
  #whileIdle(work: () => void | Promise<void>): Promise<void> {
    if (this.#stopped()) return Promise.reject(laneFailures.lane_unavailable('the process is stopping'));
    return new Promise((resolve, reject) => {
      // Errors go to the caller and not to the loop.
      this.#betweenBatches.push(() => Promise.resolve().then(work).then(resolve, reject));
      this.#wake();
    });
  }

  /** Runs work that writes to the log outside of batches. @throws Failure `lane_unavailable` (retryable) */
  async #written(work: () => Promise<void>): Promise<void> {
    await this.#whileIdle(work).catch((failure: unknown) => {
      throw laneFailures.not_written(failure);
    });
  }

  /** Rejects waiting commands of lanes that are not ours, and drops the states of their streams. */
  #evictForeign(): void {
    const { lanes, due } = this.parts;
    const isOthers = (stream: StreamId) => !lanes.owns(stream);
    const why = laneFailures.lane_unavailable('another process decides now');
    for (const pool of this.parts.pools) {
      for (const pending of pool.intake.drainWhere(isOthers)) pending.reject(why);
      pool.forget(isOthers);
    }
    due.forgetOthers();
  }

  #offer({ lane, offset }: MessageOffset): void {
    this.parts.lanes.mine(lane).track(offset);
  }
}

function isReport({ payload }: SubmittedCommand): boolean {
  return payload.type === 'RecordCallProgress';
}
