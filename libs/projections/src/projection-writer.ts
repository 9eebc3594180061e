import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import { Failure } from '@ringfence/kernel/failure';
import type { StreamId } from '@ringfence/kernel/ids';
import type { Position } from '@ringfence/kernel/units';
import {
  type Checkpoint,
  lockCheckpoint,
  moveCheckpoint,
  moveUntouched,
  park,
  type ParkedStreams,
  type Parking,
  readParked,
} from './checkpoints.js';
import type { LogSpan } from './event-source.js';
import { projectionFailures, reasonOf } from './failures.js';
import { joinPartitions, notFedYet } from './partitions.js';
import type { ProjectionMetrics } from './projection-metrics.js';
import type { OpenBatch, RunnableProjection } from './runnable-projection.js';
import { type SharedCommits, sharedEventsMax, type SharedWrite, type Written } from './shared-commits.js';
import type { OpenTransaction, SqlDatabase } from '@ringfence/ports/sql/sql-database';

/** `moved`: another process has written or swapped these rows; reading goes on at the checkpoint. */
type WriteResult = { readonly moved: boolean; readonly next: Position };

type Attempted = {
  readonly moved: boolean;
  readonly checkpoint: Checkpoint | undefined;
  readonly parkings: readonly Parking[];
};

/** Writes events into the rows of one schema, each exactly once, whatever other processes do the same. */
export class ProjectionWriter {
  #known: Checkpoint;
  #parked: ParkedStreams = new Map();
  #parkedRevision = -1;

  constructor(
    private readonly db: SqlDatabase,
    private readonly projection: RunnableProjection,
    /** The schema: the projection's name, or that of its replacement. */
    private readonly schema: string,
    checkpoint: Checkpoint,
    private readonly metrics: ProjectionMetrics,
    /** Transactions for small writes; undefined: each write has its own. */
    private readonly commits?: SharedCommits,
  ) {
    this.#known = checkpoint;
  }

  /** The position of the first event not yet written. */
  get next(): Position {
    return this.#known.position;
  }

  /**
   * Rows and checkpoint move in one transaction. An event that keeps failing by itself is parked with all that follows
   * in its stream.
   * @param span events already in the rows are skipped
   * @throws Failure `projection_superseded`; `projection_stopped` (a projection in the order of the log cannot go on);
   *   `database_unavailable` (retryable)
   */
  async advance(span: LogSpan): Promise<WriteResult> {
    if (span.to <= this.next) return this.#stand(false);
    try {
      return await this.#attempt(span, undefined);
    } catch (failure) {
      if (!isEventsFault(failure)) throw failure;
      if (this.projection.order === 'log')
        throw projectionFailures.projection_stopped(this.projection.name, this.next, failure);
      return this.#isolate(span, failure);
    }
  }

  /** Halves the batch until the one event that cannot be written is alone, and parks its stream. */
  async #isolate({ from, to, events }: LogSpan, failure: unknown): Promise<WriteResult> {
    const half = events.length >> 1;
    const middle = events[half];
    if (middle === undefined) throw failure;
    if (half === 0) return this.#attempt({ from, to, events }, parkingOf(middle, failure));
    const first = await this.advance({ from, to: middle.position, events: events.slice(0, half) });
    return first.moved ? first : this.advance({ from: middle.position, to, events: events.slice(half) });
  }

  async #attempt(span: LogSpan, forced: Parking | undefined): Promise<WriteResult> {
    const isTouched = span.events.some((event) => this.projection.handles(event.data.type));
    if (span.from <= this.next && !isTouched && (await this.#pass(span))) return this.#moveTo(span.to);
    const { moved, checkpoint, parkings } = await this.#commit(span.events.length, {
      hasRows: true,
      within: (tx, locked) => this.#write(tx, locked, span, forced),
    });
    for (const { stream, reason } of parkings) this.metrics.parked(this.projection.name, stream, reason);
    if (checkpoint === undefined || checkpoint.version !== this.projection.version) {
      throw projectionFailures.projection_superseded(this.projection.name, checkpoint?.version ?? 0);
    }
    this.#known = checkpoint;
    return this.#stand(moved);
  }

  /** Moves past events that write nothing. @returns false: another process has moved the checkpoint */
  #pass({ events, to }: LogSpan): Promise<boolean> {
    const known = this.#known;
    if (this.commits === undefined || events.length > sharedEventsMax)
      return moveUntouched(this.db, this.schema, known, to);
    return this.commits.commit({
      schema: this.schema,
      hasRows: false,
      within: (_tx, locked) => {
        const isWhereItWas = locked?.generation === known.generation && locked.position === known.position;
        return Promise.resolve({ result: isWhereItWas, moveTo: isWhereItWas ? to : null });
      },
      alone: () => moveUntouched(this.db, this.schema, known, to),
    });
  }

  #commit(events: number, write: Pick<SharedWrite<Attempted>, 'hasRows' | 'within'>): Promise<Attempted> {
    const { schema } = this;
    const alone = () =>
      this.db.transaction(async (tx) => {
        const { result, moveTo } = await write.within(tx, await lockCheckpoint(tx, schema));
        if (moveTo !== null) moveCheckpoint(tx, schema, moveTo);
        return result;
      });
    if (this.commits === undefined || events > sharedEventsMax) return alone();
    return this.commits.commit({ ...write, schema, alone });
  }

  /** Requires the checkpoint's lock. */
  async #write(
    tx: OpenTransaction,
    checkpoint: Checkpoint | undefined,
    { from, to, events }: LogSpan,
    forced: Parking | undefined,
  ): Promise<Written<Attempted>> {
    const stays = (moved: boolean) => ({ result: { moved, checkpoint, parkings: [] }, moveTo: null });
    if (checkpoint?.version !== this.projection.version || checkpoint.generation !== this.#known.generation)
      return stays(true);
    if (from > checkpoint.position) return stays(true);
    if (to <= checkpoint.position) return stays(false);
    if (checkpoint.revision !== this.#parkedRevision) {
      this.#parked = await readParked(tx, this.schema);
      this.#parkedRevision = checkpoint.revision;
    }
    const unseen =
      from === checkpoint.position ? events : events.filter((event) => event.position >= checkpoint.position);
    const fresh = checkpoint.partitions === null ? unseen : await notFedYet(tx, this.schema, checkpoint, unseen);
    // An event to be parked is alone; a partition may have written it meanwhile.
    const parking = fresh.length > 0 ? forced : undefined;
    const parked = parking === undefined ? this.#parked : withParking(this.#parked, parking);
    const folded = foldEvents(this.projection, fresh, parked);
    const parkings = [...(parking === undefined ? [] : [parking]), ...folded.parkings];
    folded.batch.write(tx);
    if (parkings.length > 0) park(tx, this.schema, parkings);
    if (checkpoint.partitions !== null) await joinPartitions(tx, this.schema, to);
    return { result: { moved: false, checkpoint: { ...checkpoint, position: to }, parkings }, moveTo: to };
  }

  #moveTo(next: Position): WriteResult {
    this.#known = { ...this.#known, position: next };
    return this.#stand(false);
  }

  #stand(moved: boolean): WriteResult {
    return { moved, next: this.next };
  }
}

/**
 * Folds what is not parked. A fold that throws parks its stream from there on; the batch is folded again without it.
 */
export function foldEvents(
  projection: RunnableProjection,
  events: readonly RecordedEnvelope[],
  parked: ParkedStreams,
): { readonly batch: OpenBatch; readonly parkings: readonly Parking[] } {
  const parkings: Parking[] = [];
  let waiting = parked;
  for (;;) {
    const batch = projection.begin();
    const thrown = foldUntilThrown(batch, events, waiting);
    if (thrown === undefined) return { batch, parkings };
    if (projection.order === 'log') throw thrown.failure;
    const parking = parkingOf(thrown.envelope, thrown.failure);
    parkings.push(parking);
    waiting = withParking(waiting, parking);
  }
}

function foldUntilThrown(
  batch: OpenBatch,
  events: readonly RecordedEnvelope[],
  parked: ParkedStreams,
): { readonly envelope: RecordedEnvelope; readonly failure: unknown } | undefined {
  for (const envelope of events) {
    if (parked.size > 0 && envelope.version >= (parked.get(envelope.stream) ?? Number.POSITIVE_INFINITY)) continue;
    try {
      batch.fold(envelope);
    } catch (failure) {
      return { envelope, failure };
    }
  }
  return undefined;
}

export function parkingOf({ stream, version, position: firstPosition }: RecordedEnvelope, failure: unknown): Parking {
  return { stream, firstVersion: version, firstPosition, reason: reasonOf(failure) };
}

export function withParking(parked: ParkedStreams, { stream, firstVersion }: Parking): ParkedStreams {
  return new Map<StreamId, number>([...parked, [stream, firstVersion]]);
}

/**
 * Says whether the event itself caused the failure: a fold threw, or the database refused a value (SQLSTATE classes 22
 * and 23). A full disk or a missing table is not the event's fault, and parking would only make it worse.
 */
export function isEventsFault(failure: unknown): boolean {
  if (failure instanceof Failure) return !failure.retryable && failure.code !== 'projection_superseded';
  if (!(failure instanceof Error) || !('code' in failure) || typeof failure.code !== 'string') return true;
  if (sqlState.test(failure.code)) return failure.code.startsWith('22') || failure.code.startsWith('23');
  // An error of the operating system: a host not found, a connection lost.
  return !('syscall' in failure);
}

const sqlState = /^[0-9A-Z]{5}$/;
