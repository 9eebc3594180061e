import type { AppendBatch, LaneFence, TakenLane } from '@ringfence/ports/log/event-store';
import type { StreamId } from '@ringfence/kernel/ids';
import { BrokenInvariant } from '@ringfence/kernel/invariant';
import { type Lane, laneOf } from '@ringfence/kernel/lane';
import { OffsetTracker } from './offset-tracker.js';
import { laneFailures } from './lane-failures.js';
import { type LaneMetrics, silentLaneMetrics } from './lane-metrics.js';

/** The place of a message in a lane's partition. */
export type MessageOffset = { readonly lane: Lane; readonly offset: bigint };
export type Consumed = NonNullable<AppendBatch['consumed']>;

/** Checks the consumed offsets in the log, which are void if the topic was recreated. */
type Holding = (inLog: readonly TakenLane[]) => Promise<readonly TakenLane[]>;
export const asRecorded: Holding = (inLog) => Promise.resolve(inLog);

/** The lanes that this process owns. */
export class OwnedLanes {
  readonly #lanes = new Map<Lane, { readonly fence: LaneFence; readonly consumption: OffsetTracker }>();

  /** @param metrics receives the number of transactions that are open or not consumed */
  constructor(
    readonly laneCount: number,
    private readonly metrics: Pick<LaneMetrics, 'transactionsOpen'> = silentLaneMetrics,
  ) {}

  take(taken: readonly TakenLane[]): void {
    for (const { lane, epoch, consumed } of taken)
      this.#lanes.set(lane, { fence: { lane, epoch }, consumption: new OffsetTracker(consumed) });
    this.reportTransactions();
  }

  drop(lanes: Iterable<Lane>): void {
    for (const lane of lanes) this.#lanes.delete(lane);
    this.reportTransactions();
  }

  get lanes(): readonly Lane[] {
    return [...this.#lanes.keys()];
  }

  owns(stream: StreamId): boolean {
    return this.#lanes.has(laneOf(stream, this.laneCount));
  }

  /** @returns undefined: another process owns the lane */
  consumptionOf(lane: Lane): OffsetTracker | undefined {
    return this.#lanes.get(lane)?.consumption;
  }

  /** @throws Failure `lane_unavailable` (retryable): another process owns the lane */
  mine(lane: Lane): OffsetTracker {
    const consumption = this.consumptionOf(lane);
    if (consumption === undefined) throw laneFailures.lane_unavailable('another process decides now');
    return consumption;
  }

  reportTransactions(): void {
    let open = 0;
    for (const { consumption } of this.#lanes.values()) open += consumption.transactions.length;
    this.metrics.transactionsOpen(open);
  }

  fencesOf(lanes: Iterable<Lane>): readonly LaneFence[] {
    return [...new Set(lanes)].map((lane) => {
      const owned = this.#lanes.get(lane);
      if (owned === undefined) throw new BrokenInvariant(`this process owns lane ${String(lane)}`);
      return owned.fence;
    });
  }

  /** Returns the consumed offsets of the lanes of these messages, as they are once these are consumed. */
  consumedWith(places: readonly MessageOffset[]): Consumed {
    return [...byLane(places)].flatMap(([lane, done]) => {
      const consumption = this.consumptionOf(lane);
      return consumption === undefined ? [] : [{ lane, ...consumption.afterCompleting(done) }];
    });
  }

  /** Records that `consumed` is in the log. */
  advance(consumed: Consumed, places: readonly MessageOffset[]): void {
    const done = byLane(places);
    for (const { lane, ...offsets } of consumed)
      this.consumptionOf(lane)?.advance(offsets, done.get(lane) ?? new Set());
  }
}

function byLane(places: readonly MessageOffset[]): ReadonlyMap<Lane, Set<bigint>> {
  const lanes = new Map<Lane, Set<bigint>>();
  for (const { lane, offset } of places) {
    const known = lanes.get(lane);
    if (known === undefined) lanes.set(lane, new Set([offset]));
    else known.add(offset);
  }
  return lanes;
}
