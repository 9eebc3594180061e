import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { invariant } from '@ringfence/kernel/invariant';
import { type Position, position } from '@ringfence/kernel/units';
import { lockCheckpoint, park, type ParkedStreams, type Parking, readParked, shareCheckpoint } from './checkpoints.js';
import { projectionFailures } from './failures.js';
import type { PartitionSpan } from './partition-source.js';
import { lockPositions, movePositions, moveUntouchedPositions } from './partitions.js';
import type { ProjectionMetrics } from './projection-metrics.js';
import { foldEvents, isEventsFault, parkingOf, withParking } from './projection-writer.js';
import type { RunnableProjection } from './runnable-projection.js';
import type { OpenTransaction, SqlDatabase } from '@ringfence/ports/sql/sql-database';

/**
 * `moved`: another process has swapped these rows, or feeds them in another way; reading goes on at the checkpoints.
 */
type SpansAdvance = { readonly moved: boolean };

/**
 * Writes events of some partitions into the rows of a projection ordered by stream, each exactly once. Correct without
 * exclusive ownership: a partition's position, under its lock, says which events are in the rows, and moves with them.
 */
export class PartitionWriter {
  #parked: ParkedStreams = new Map();
  #parkedRevision = -1;

  constructor(
    private readonly db: SqlDatabase,
    private readonly projection: RunnableProjection,
    private readonly metrics: ProjectionMetrics,
  ) {
    invariant(projection.order === 'stream', 'partitions keep the order of each stream alone');
  }

  /**
   * Rows and positions move in one transaction. An event that keeps failing by itself is parked with all that follows
   * in its stream.
   * @param spans at most one of a partition; events already in the rows are skipped
   * @throws Failure `projection_superseded`; `database_unavailable` (retryable)
   */
  async advance(spans: readonly PartitionSpan[]): Promise<SpansAdvance> {
    try {
      return await this.#attempt(spans, undefined);
    } catch (failure) {
      if (!isEventsFault(failure)) throw failure;
      return this.#isolate(spans, failure);
    }
  }

  /** Halves the batch until the one event that cannot be written is alone, and parks its stream. */
  async #isolate(spans: readonly PartitionSpan[], failure: unknown): Promise<SpansAdvance> {
    const events = inLogOrder(spans.flatMap((span) => span.events));
    const middle = events[events.length >> 1];
    if (middle === undefined) throw failure;
    if (events.length === 1) return this.#attempt(spans, parkingOf(middle, failure));
    const first = await this.advance(spansWithin(spans, position(0), middle.position));
    return first.moved ? first : this.advance(spansWithin(spans, middle.position, endOf(spans)));
  }

  async #attempt(spans: readonly PartitionSpan[], forced: Parking | undefined): Promise<SpansAdvance> {
    const { name, version } = this.projection;
    if (!spans.some(({ events }) => events.some((event) => this.projection.handles(event.data.type)))) {
      if (await moveUntouchedPositions(this.db, name, version, spans)) return { moved: false };
    }
    let done = await this.db.transaction((tx) => this.#write(tx, spans, forced, forced !== undefined));
    // Under the shared lock, what the checkpoint says about parked streams cannot be changed.
    if (done.outcome === 'parks') done = await this.db.transaction((tx) => this.#write(tx, spans, forced, true));
    for (const { stream, reason } of done.parkings) this.metrics.parked(name, stream, reason);
    if (done.version !== version) throw projectionFailures.projection_superseded(name, done.version);
    return { moved: done.outcome === 'moved' };
  }

  async #write(
    tx: OpenTransaction,
    spans: readonly PartitionSpan[],
    forced: Parking | undefined,
    alone: boolean,
  ): Promise<Written> {
    const { name, version: ours } = this.projection;
    const checkpoint = await (alone ? lockCheckpoint(tx, name) : shareCheckpoint(tx, name));
    const version = checkpoint?.version ?? 0;
    const moved: Written = { outcome: 'moved', version, parkings: [] };
    // A rebuild swapped in meanwhile has the same rows; only no partition has a position in it yet.
    if (checkpoint?.version !== ours || checkpoint.partitions === null) return moved;
    const touched = spans.map(({ partition }) => partition);
    const stand = await lockPositions(tx, name, touched, checkpoint);
    const fresh: RecordedEnvelope[] = [];
    const next = new Map<number, Position>();
    for (const { partition, from, to, events } of spans) {
      const at = stand.get(partition);
      if (at === undefined || from > at) return moved;
      if (to <= at) continue;
      next.set(partition, to);
      fresh.push(...events.filter((event) => event.position >= at));
    }
    // Another process that held the same partitions has written all of it.
    if (next.size === 0) return { outcome: 'written', version, parkings: [] };
    if (checkpoint.revision !== this.#parkedRevision) {
      this.#parked = await readParked(tx, name);
      this.#parkedRevision = checkpoint.revision;
    }
    // An event to be parked is alone; another process may have written it meanwhile.
    const parking = fresh.length > 0 ? forced : undefined;
    const parked = parking === undefined ? this.#parked : withParking(this.#parked, parking);
    const folded = foldEvents(this.projection, inLogOrder(fresh), parked);
    const parkings = [...(parking === undefined ? [] : [parking]), ...folded.parkings];
    if (parkings.length > 0 && !alone) return { outcome: 'parks', version, parkings: [] };
    folded.batch.write(tx);
    if (parkings.length > 0) park(tx, name, parkings);
    movePositions(tx, name, next);
    return { outcome: 'written', version, parkings };
  }
}

/** `version`: of the existing rows. `parks`: nothing was written, because streams have to be parked first. */
type Written = {
  readonly outcome: 'written' | 'moved' | 'parks';
  readonly version: number;
  readonly parkings: readonly Parking[];
};

/**
 * A projection ordered by stream gives the same rows in any order that keeps each stream's; this one makes them the
 * same in every way.
 */
function inLogOrder(events: readonly RecordedEnvelope[]): readonly RecordedEnvelope[] {
  return events.toSorted((one, other) => one.position - other.position);
}

function spansWithin(spans: readonly PartitionSpan[], first: Position, end: Position): readonly PartitionSpan[] {
  return spans.flatMap(({ partition, from, to, events }) => {
    const [begin, until] = [later(from, first), sooner(to, end)];
    if (begin >= until) return [];
    const within = events.filter((event) => event.position >= begin && event.position < until);
    return [{ partition, from: begin, to: until, events: within }];
  });
}

function endOf(spans: readonly PartitionSpan[]): Position {
  return position(Math.max(...spans.map(({ to }) => to)));
}

function later(one: Position, other: Position): Position {
  return one > other ? one : other;
}

function sooner(one: Position, other: Position): Position {
  return one < other ? one : other;
}
