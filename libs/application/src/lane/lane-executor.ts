import type { Routes } from '@ringfence/domain/calls/call.commands';
import type { AccountState } from '@ringfence/domain/calls/account-state';
import { decodeEvent } from '@ringfence/event-catalog/event-codec';
import type { EventStore } from '@ringfence/event-store/event-store';
import type { Clock } from '@ringfence/kernel/clock';
import { Failure } from '@ringfence/kernel/failure';
import { type IdSource, type LogId, platformStream, type StreamId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import type { Lane } from '@ringfence/kernel/lane';
import type { Timers } from '@ringfence/kernel/timers';
import { epochMs, position } from '@ringfence/kernel/units';
import { BatchRunner } from './batch-runner.js';
import type { CommandDispatcher, CommandOutcome, SubmittedCommand } from './command-dispatcher.js';
import { DueTimers } from './due-timers.js';
import { EventSealer } from './event-sealer.js';
import { Intake } from './intake.js';
import { LaneClock } from './lane-clock.js';
import { laneFailures } from './lane-failures.js';
import type { LaneHost } from './lane-host.js';
import { type LaneMetrics, silentLaneMetrics } from './lane-metrics.js';
import { laneModels, type LaneModels } from './lane-models.js';
import { AccountSide, type LaneSide, PlatformSide } from './lane-side.js';
import { loadStream } from './loaded-stream.js';
import { PlatformReference } from './platform-reference.js';
import { SaltSource } from './salt-source.js';
import { snapshotIsDue, Snapshotter } from './snapshotter.js';
import { StateCache } from './state-cache.js';

/** Commands decided on top of each other and committed together. */
export const batchCommandsMax = 256;
/** What somebody who met a full queue is told to wait. */
export const overloadRetryAfterMs = 1_000;
/** At a clean stop: how long waiting commands are still decided for, and how long snapshots are written for. */
export const stopDrainMsMax = 5_000;
export const stopSnapshotMsMax = 3_000;
/** At a clean stop, a stream with fewer events than this since its snapshot is not worth one. */
const stopSnapshotEventsMin = 200;

export type LaneExecutorOptions = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: IdSource;
  /** As the log's first event says. */
  readonly log: { readonly logId: LogId; readonly laneCount: number };
  /** Trunks that can take calls of a mode, best first. */
  readonly routes: Routes;
  /** Names this process among the owners of the lanes. */
  readonly owner: string;
  readonly host: LaneHost;
  readonly metrics?: LaneMetrics;
  /** For tests. */
  readonly models?: LaneModels;
};

/**
 * Owns every lane of the log: commands wait by account, take turns, are decided in memory on top of each other, and one append commits a batch
 * of them over all accounts. Nothing is said before it is committed, or before a fenced read has shown that we still own what we speak of.
 */
export class LaneExecutor implements CommandDispatcher {
  #phase: 'running' | 'draining' | 'stopped' = 'running';
  #loop: Promise<void> | undefined;
  /** Something has come since the loop last looked. */
  #woken = false;

  private constructor(
    private readonly options: LaneExecutorOptions,
    private readonly accounts: LaneSide<AccountState>,
    private readonly platform: PlatformSide,
    private readonly parts: {
      readonly runner: BatchRunner;
      readonly clock: LaneClock;
      readonly due: DueTimers;
      readonly snapshotter: Snapshotter;
      readonly cache: StateCache<AccountState>;
    },
  ) {}

  /**
   * Takes every lane from whoever had it, and loads what decisions need. Due streams are acted on first.
   * @throws Failure `event_store_unavailable` (retryable), HistoryBroken for the platform's own stream
   */
  static async start(options: LaneExecutorOptions): Promise<LaneExecutor> {
    const { store, log, host, timers, ids } = options;
    const metrics = options.metrics ?? silentLaneMetrics;
    const models = options.models ?? laneModels;
    const lanes = Array.from({ length: log.laneCount }, (_, lane) => lane as Lane);
    const fences = await store.takeLanes(lanes, options.owner);
    const clock = new LaneClock(options.clock, timers, store, metrics, await lastDecidedAt(store));
    await clock.start();
    const reference = await PlatformReference.load(store, models.platform, host);
    // What is called back below is called only once `executor` stands.
    let executor: LaneExecutor | undefined = undefined;
    const running = (): LaneExecutor => {
      invariant(executor !== undefined, 'nothing calls back before the executor stands');
      return executor;
    };
    const cache = new StateCache((stream) => loadStream(store, models.account, stream), timers, {
      loaded: () => {
        running().#wake();
      },
      unavailable: (stream, failure) => {
        running().#failStream(stream, failure);
      },
      quarantined: (stream, cause) => {
        metrics.quarantined();
        host.quarantined(stream, cause);
      },
    });
    const accounts = new AccountSide(new Intake(), models.account, cache);
    const platform = new PlatformSide(new Intake(), models.platform, reference);
    const due = new DueTimers(store, options.clock, timers, log.laneCount, lanes, (stream) => {
      running().#onDue(stream);
    });
    const snapshotter = new Snapshotter(store, timers, metrics, (stream, version) => {
      const standing = cache.get(stream);
      if (standing?.status === 'ready') cache.set(stream, { ...standing.loaded, snapshotVersion: version });
    });
    const runner = new BatchRunner({
      store,
      timers,
      ids,
      host,
      metrics,
      clock,
      platform: reference,
      routes: options.routes,
      laneCount: log.laneCount,
      fences: new Map(fences.map((fence) => [fence.lane, fence])),
      sealer: new EventSealer(log.logId, ids, new SaltSource()),
      committed: (stream, nextDueMs) => {
        due.set(stream, nextDueMs);
        const standing = stream === platformStream ? undefined : cache.get(stream);
        if (standing?.status === 'ready' && snapshotIsDue(models.account, standing.loaded))
          snapshotter.offer(models.account, stream, standing.loaded);
      },
      leaseLost: () => {
        running().#loseLease();
      },
    });
    executor = new LaneExecutor(options, accounts, platform, { runner, clock, due, snapshotter, cache });
    await due.start();
    return executor;
  }

  dispatch(command: SubmittedCommand): Promise<CommandOutcome> {
    invariant(
      (command.stream === platformStream ? null : command.stream) === accountOf(command),
      'a command is dispatched to the stream of its own account',
    );
    return new Promise((resolve, reject) => {
      if (this.#phase !== 'running') {
        reject(laneFailures.lane_unavailable('the process is stopping'));
        return;
      }
      const pending = {
        kind: 'submitted',
        stream: command.stream,
        submitted: command,
        resolve,
        reject,
        throws: 0,
        failedAppends: 0,
        lookUpFirst: false,
      } as const;
      if (this.#sideOf(command.stream).intake.offer(pending)) this.#wake();
      else reject(laneFailures.overloaded(overloadRetryAfterMs));
    });
  }

  /** Takes no more commands, decides those that wait, sets states aside for a quick start. Bounded in time. */
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
    await this.#loop;
    cancel();
    this.#phase = 'stopped';
    this.#failAll('the process is stopping');
    if (!drain.late) await this.#snapshotHotStreams();
    await snapshotter.stop();
    clock.stop();
  }

  get waiting(): number {
    return this.accounts.intake.waiting + this.platform.intake.waiting;
  }

  #sideOf(stream: StreamId): LaneSide<AccountState> | PlatformSide {
    return stream === platformStream ? this.platform : this.accounts;
  }

  /** Starts the loop unless it runs. In a later turn of the event loop, so that commands which come together are decided together. */
  #wake(): void {
    this.#woken = true;
    this.#loop ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#drain());
  }

  async #drain(): Promise<void> {
    try {
      while (this.#woken && !this.#stopped()) {
        this.#woken = false;
        // The platform's commands have batches of their own: what they change, others are decided on only afterwards.
        const platform = await this.#runOne(this.platform);
        const accounts = await this.#runOne(this.accounts);
        this.#woken ||= platform || accounts;
      }
    } finally {
      this.#loop = undefined;
    }
  }

  /** @returns whether there was something to decide */
  async #runOne<State>(side: LaneSide<State>): Promise<boolean> {
    if (this.#stopped()) return false;
    const taken = side.intake.take(batchCommandsMax, (stream) => side.ready(stream));
    if (taken.length === 0) return false;
    (this.options.metrics ?? silentLaneMetrics).queueLength(this.waiting);
    await this.parts.runner.run(side, taken);
    return true;
  }

  #stopped(): boolean {
    return this.#phase === 'stopped';
  }

  #onDue(stream: StreamId): void {
    this.#sideOf(stream).intake.offerDue(stream);
    this.#wake();
  }

  #failStream(stream: StreamId, failure: Error): void {
    this.accounts.intake.dropDue(stream);
    const why = laneFailures.lane_unavailable('the account could not be loaded', failure);
    for (const pending of this.accounts.intake.drainStream(stream)) pending.reject(why);
  }

  #failAll(reason: string): void {
    const why = laneFailures.lane_unavailable(reason);
    for (const { intake } of [this.accounts, this.platform]) for (const pending of intake.drain()) pending.reject(why);
  }

  #loseLease(): void {
    if (this.#stopped()) return;
    this.#phase = 'stopped';
    this.parts.due.stop();
    this.parts.clock.stop();
    this.#failAll('another process decides now');
    this.options.host.leaseLost();
  }

  /** Those used last come first; as many as the time allows. */
  async #snapshotHotStreams(): Promise<void> {
    const { cache, snapshotter } = this.parts;
    const { timers } = this.options;
    const models = this.options.models ?? laneModels;
    const until = timers.monotonicMs() + stopSnapshotMsMax;
    for (const [stream, loaded] of [...cache.entries()].reverse()) {
      if (timers.monotonicMs() > until) return;
      if (loaded.version - loaded.snapshotVersion < stopSnapshotEventsMin) continue;
      snapshotter.offer(models.account, stream, loaded);
      await snapshotter.idle();
    }
  }
}

function accountOf({ wish }: SubmittedCommand): StreamId | null {
  return 'accountId' in wish ? wish.accountId : null;
}

/** The moment of the log's last decision: ours never go behind it. */
async function lastDecidedAt(store: EventStore): Promise<ReturnType<typeof epochMs>> {
  const head = await store.head();
  if (head === 0) return epochMs(0);
  const [last] = await store.readAll(position(head - 1), 1);
  if (last === undefined) throw new Failure('event_store_unavailable', 'the last event could not be read', true);
  return decodeEvent(last.bytes).decidedAtMs;
}
