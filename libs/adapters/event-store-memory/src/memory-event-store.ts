import { checkBatch } from '@ringfence/ports/log/batch-rules';
import {
  type AppendBatch,
  type AppendResult,
  type ConsumedOffsets,
  type DueAsked,
  type DuePage,
  type DueStream,
  type EventStore,
  type FilteredPage,
  type KeptOutcome,
  type LaneFence,
  readLimitMax,
  type RecordedEvent,
  type RecordedOutcome,
  type Snapshot,
  type TakenLane,
} from '@ringfence/ports/log/event-store';
import { pagePositions } from '@ringfence/ports/log/log-segments';
import { decodePage, pageOf } from '@ringfence/ports/log/segment-page';
import { Failure } from '@ringfence/kernel/failure';
import type { Clock } from '@ringfence/kernel/clock';
import type { CommandId, StreamId } from '@ringfence/kernel/ids';
import { laneOf, type Epoch, type Lane } from '@ringfence/kernel/lane';
import { position, streamVersion, type EpochMs, type Position, type StreamVersion } from '@ringfence/kernel/units';
import { createHash } from 'node:crypto';

const heartbeatMs = 200;

/** The log's contents; several stores over one log see each other's writes, like processes over one database. */
export class MemoryLog {
  /** The rows: the end of the log; all of it, while nothing was moved. */
  readonly events: RecordedEvent[] = [];
  /** Compressed, as every adapter keeps them. */
  readonly pages: Uint8Array[] = [];
  readonly streams = new Map<
    StreamId,
    { readonly version: StreamVersion; readonly nextDueMs: EpochMs | null; readonly at: number[] }
  >();
  readonly outcomes = new Map<string, RecordedOutcome>();
  readonly epochs = new Map<Lane, Epoch>();
  readonly snapshots = new Map<StreamId, Snapshot>();
  readonly blobs = new Map<string, Uint8Array>();
  readonly consumed = new Map<Lane, ConsumedOffsets>();
  readonly waiting = new Set<() => void>();

  /** Position of the first row. */
  get seam(): number {
    return this.pages.length * pagePositions;
  }

  get head(): Position {
    return position(this.seam + this.events.length);
  }

  /** Events at positions from `from` to below `end`. */
  read(from = 0, end = Number.POSITIVE_INFINITY): readonly RecordedEvent[] {
    const pages = this.pages.slice(pageOf(from), pageOf(Math.min(end, this.seam) + pagePositions - 1));
    const cold = pages.flatMap((page, index) => decodePage(pageOf(from) + index, page));
    const rows = this.events.slice(Math.max(0, from - this.seam), Math.max(0, end - this.seam));
    return [...cold.filter(({ position: at }) => at >= from && at < end), ...rows];
  }
}

/** The port in memory, for unit tests and simulations: arguments and results are copied. */
export class MemoryEventStore implements EventStore {
  constructor(
    private readonly log: MemoryLog,
    private readonly time: Clock,
  ) {}

  append(batch: AppendBatch): Promise<AppendResult> {
    return promised(() => {
      checkBatch(batch);
      this.#checkFences(batch.fences);
      for (const { stream, version } of batch.unchanged) {
        if (this.#version(stream) !== version)
          throw new Failure('stream_changed', `The stream ${stream} has moved.`, true);
      }
      for (const { stream, expectedVersion } of batch.appends) {
        if (this.#version(stream) !== expectedVersion) {
          throw new Failure(
            'event_store_conflict',
            `The stream ${stream} is not at version ${expectedVersion}.`,
            false,
          );
        }
      }
      const names = batch.outcomes.map(outcomeName);
      if (names.some((name) => this.log.outcomes.has(name)) || new Set(names).size < names.length) {
        throw new Failure('outcome_already_kept', 'A command of this batch has an outcome already.', false);
      }
      return this.#write(batch);
    });
  }

  readAll(from: Position, limit: number): Promise<readonly RecordedEvent[]> {
    return promised(() => this.log.read(from, from + Math.min(limit, readLimitMax)).map(copied));
  }

  readAllExcept(omitted: readonly string[], from: Position, limit: number): Promise<FilteredPage> {
    return promised(() => {
      const page = this.log.read(from, from + Math.min(limit, readLimitMax));
      const events = page.filter(({ type }) => !omitted.includes(type)).map(copied);
      return { events, next: position(from + page.length) };
    });
  }

  readStream(stream: StreamId, fromVersion: StreamVersion, limit: number): Promise<readonly RecordedEvent[]> {
    return promised(() => {
      const at = this.log.streams.get(stream)?.at ?? [];
      const first = Math.max(0, fromVersion - 1);
      return this.#events(at.slice(first, first + Math.min(limit, readLimitMax)));
    });
  }

  readAt(positions: readonly Position[]): Promise<readonly RecordedEvent[]> {
    const wanted = new Set(positions.slice(0, readLimitMax));
    return promised(() =>
      this.log
        .read()
        .filter((event) => wanted.has(event.position))
        .map(copied),
    );
  }

  readSubject(subject: string, limit: number): Promise<readonly RecordedEvent[]> {
    return promised(() =>
      this.log
        .read()
        .filter((event) => event.subject === subject)
        .slice(0, limit)
        .map(copied),
    );
  }

  streamEnd(stream: StreamId): Promise<Position> {
    return promised(() => {
      const last = this.log.streams.get(stream)?.at.at(-1);
      return position(last === undefined ? 0 : last + 1);
    });
  }

  head(): Promise<Position> {
    return promised(() => this.log.head);
  }

  async *subscribe(from: Position, signal: AbortSignal): AsyncIterable<readonly RecordedEvent[]> {
    let next = from;
    while (!signal.aborted) {
      const events = await this.readAll(next, 1_000);
      next = position(next + events.length);
      yield events;
      // Events that arrived while the reader was busy with a heartbeat woke no one.
      if (events.length === 0 && next >= this.log.head) await this.#growth(signal);
    }
  }

  findOutcomes(
    keys: readonly { readonly stream: StreamId; readonly commandId: CommandId }[],
  ): Promise<readonly RecordedOutcome[]> {
    return promised(() =>
      keys.flatMap((key) => {
        const found = this.log.outcomes.get(outcomeName(key));
        return found === undefined ? [] : [keptCopy(found)];
      }),
    );
  }

  takeLanes(lanes: readonly Lane[], _owner: string): Promise<readonly TakenLane[]> {
    return promised(() =>
      lanes.map((lane) => {
        const epoch = ((this.log.epochs.get(lane) ?? 0) + 1) as Epoch;
        this.log.epochs.set(lane, epoch);
        return { lane, epoch, consumed: this.log.consumed.get(lane) ?? null };
      }),
    );
  }

  fencedRead(fences: readonly LaneFence[]): Promise<Position> {
    return promised(() => {
      this.#checkFences(fences);
      return this.log.head;
    });
  }

  dueStreams({ laneCount, lanes, before, limit, after }: DueAsked): Promise<DuePage> {
    return promised(() => {
      const looked = [...this.log.streams]
        .flatMap(([stream, { nextDueMs }]) =>
          nextDueMs !== null && nextDueMs <= before ? [{ stream, nextDueMs }] : [],
        )
        .filter((each) => after === null || inOrderOfTime(after, each) < 0)
        .sort(inOrderOfTime)
        .slice(0, limit);
      const due = looked.filter(({ stream }) => lanes.includes(laneOf(stream, laneCount)));
      return { due, last: looked.length < limit ? null : (looked.at(-1) ?? null) };
    });
  }

  loadSnapshot(stream: StreamId, evolveVersion: number): Promise<Snapshot | undefined> {
    return promised(() => {
      const found = this.log.snapshots.get(stream);
      return found?.evolveVersion === evolveVersion ? snapshotCopy(found) : undefined;
    });
  }

  saveSnapshot(snapshot: Snapshot): Promise<void> {
    return promised(() => {
      const held = this.log.snapshots.get(snapshot.stream);
      const newer =
        held === undefined || snapshot.evolveVersion > held.evolveVersion || snapshot.version >= held.version;
      if (newer) this.log.snapshots.set(snapshot.stream, snapshotCopy(snapshot));
    });
  }

  putBlob(bytes: Uint8Array): Promise<string> {
    return promised(() => {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      this.log.blobs.set(sha256, Uint8Array.from(bytes));
      return sha256;
    });
  }

  getBlob(sha256: string): Promise<Uint8Array | undefined> {
    return promised(() => {
      const found = this.log.blobs.get(sha256);
      return found && Uint8Array.from(found);
    });
  }

  clock(): Promise<EpochMs> {
    return promised(() => this.time.now());
  }

  close(): Promise<void> {
    return promised(() => {
      for (const wake of [...this.log.waiting]) wake();
    });
  }

  #write({ appends, outcomes, consumed = [] }: AppendBatch): AppendResult {
    const first = this.log.head;
    for (const { stream, expectedVersion, events, nextDueMs } of appends) {
      const at = this.log.streams.get(stream)?.at ?? [];
      let version: number = expectedVersion;
      for (const event of events) {
        version += 1;
        at.push(this.log.head);
        this.log.events.push(copied({ ...event, stream, version: streamVersion(version), position: this.log.head }));
      }
      this.log.streams.set(stream, { version: streamVersion(version), nextDueMs, at });
    }
    const { head } = this.log;
    for (const { lastEvent, ...outcome } of outcomes) {
      const at = lastEvent < 0 ? head : position(first + lastEvent);
      this.log.outcomes.set(outcomeName(outcome), keptCopy({ ...outcome, position: at }));
    }
    for (const { lane, next, above, transactions } of consumed)
      this.log.consumed.set(lane, { next, above: [...above], transactions: [...transactions] });
    for (const wake of [...this.log.waiting]) wake();
    return { first, head };
  }

  #version(stream: StreamId): number {
    return this.log.streams.get(stream)?.version ?? 0;
  }

  #checkFences(fences: readonly LaneFence[]): void {
    for (const { lane, epoch } of fences) {
      if (this.log.epochs.get(lane) !== epoch)
        throw new Failure('lane_lease_lost', `Lane ${lane} has another owner.`, false);
    }
  }

  #events(at: readonly number[]): readonly RecordedEvent[] {
    const pages = new Map<number, readonly RecordedEvent[]>();
    const inPage = (number: number) => {
      const events = pages.get(number) ?? this.log.read(number * pagePositions, (number + 1) * pagePositions);
      pages.set(number, events);
      return events;
    };
    return at.flatMap((index) => {
      const event =
        index < this.log.seam ? inPage(pageOf(index))[index % pagePositions] : this.log.events[index - this.log.seam];
      return event === undefined ? [] : [copied(event)];
    });
  }

  #growth(signal: AbortSignal): Promise<void> {
    return new Promise((settled) => {
      const done = () => {
        this.log.waiting.delete(done);
        signal.removeEventListener('abort', done);
        clearTimeout(timer);
        settled();
      };
      const timer = setTimeout(done, heartbeatMs);
      this.log.waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    });
  }
}

function outcomeName({ stream, commandId }: Pick<KeptOutcome, 'stream' | 'commandId'>): string {
  return `${stream} ${commandId}`;
}

function copied(event: RecordedEvent): RecordedEvent {
  return { ...event, bytes: Uint8Array.from(event.bytes) }; // not slice: a Buffer's slice shares its memory
}

function keptCopy(outcome: RecordedOutcome): RecordedOutcome {
  return { ...outcome, body: Uint8Array.from(outcome.body), fingerprint: Uint8Array.from(outcome.fingerprint) };
}

function snapshotCopy(snapshot: Snapshot): Snapshot {
  return { ...snapshot, pieces: snapshot.pieces.map((piece) => Uint8Array.from(piece)) };
}

/** Answers like a real store: never before the caller has yielded. */
async function promised<Answer>(work: () => Answer): Promise<Answer> {
  await Promise.resolve();
  return work();
}

function inOrderOfTime(left: DueStream, right: DueStream): number {
  return left.nextDueMs - right.nextDueMs || (left.stream < right.stream ? -1 : Number(left.stream > right.stream));
}
