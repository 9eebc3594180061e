import type {
  AppendBatch,
  AppendResult,
  ConsumedOffsets,
  DueAsked,
  DuePage,
  EventStore,
  FilteredPage,
  LaneFence,
  RecordedEvent,
  RecordedOutcome,
  Snapshot,
  TakenLane,
} from '@ringfence/ports/log/event-store';
import { Failure } from '@ringfence/kernel/failure';
import type { CommandId, StreamId } from '@ringfence/kernel/ids';
import type { Lane } from '@ringfence/kernel/lane';
import { pause } from '@ringfence/kernel/timers';
import { type EpochMs, position, type Position, type StreamVersion } from '@ringfence/kernel/units';
import type { Recording } from '../checkers/recording.js';
import type { SimulatedProcess } from './simulated-process.js';

const pollMsMin = 100;
const pollMsMax = 400;
/** The most events of a page, and often fewer, so that one reader's batch is several of another's. */
const pageEventsMax = 12;
const smallPageEventsMax = 2;

/** Numbers the appends of all processes. */
export class AppendCounter {
  #count = 0;

  next(): number {
    this.#count += 1;
    return this.#count;
  }
}

/** The only store of a simulated cluster, as one of its processes reaches it. */
export class SimulatedEventStore implements EventStore {
  constructor(
    private readonly inner: EventStore,
    private readonly process: SimulatedProcess,
    private readonly recording: Recording,
    private readonly appends: AppendCounter,
  ) {}

  append(batch: AppendBatch): Promise<AppendResult> {
    const append = this.appends.next();
    const work = async () => {
      const result = await this.inner.append(batch);
      this.recording.note({
        kind: 'committed',
        append,
        process: this.process.name,
        streams: batch.appends.map(({ stream }) => stream),
        ...result,
        consumed: batch.consumed ?? [],
      });
      return result;
    };
    const onAnswer = () => {
      this.recording.note({ kind: 'acknowledged', append });
    };
    return this.process.ask({ work, unavailable, onAnswer });
  }

  takeLanes(lanes: readonly Lane[], owner: string): Promise<readonly TakenLane[]> {
    return this.#ask(async () => {
      const taken = await this.inner.takeLanes(lanes, owner);
      for (const { lane } of taken) this.recording.note({ kind: 'taken', process: this.process.name, lane });
      return taken;
    });
  }

  async *subscribe(from: Position, signal: AbortSignal): AsyncIterable<readonly RecordedEvent[]> {
    let next = from;
    while (!signal.aborted) {
      const { random } = this.process.world;
      const limit = random.between(1, random.chance(500) ? pageEventsMax : smallPageEventsMax);
      const events = await this.readAll(next, limit);
      next = position(next + events.length);
      yield events;
      if (events.length === 0) await pause(this.process.timers, random.between(pollMsMin, pollMsMax), signal);
    }
  }

  readStream(stream: StreamId, fromVersion: StreamVersion, limit: number): Promise<readonly RecordedEvent[]> {
    return this.#ask(() => this.inner.readStream(stream, fromVersion, limit));
  }

  readAll(from: Position, limit: number): Promise<readonly RecordedEvent[]> {
    return this.#ask(() => this.inner.readAll(from, limit));
  }

  readAllExcept(omitted: readonly string[], from: Position, limit: number): Promise<FilteredPage> {
    return this.#ask(() => this.inner.readAllExcept(omitted, from, limit));
  }

  readAt(positions: readonly Position[]): Promise<readonly RecordedEvent[]> {
    return this.#ask(() => this.inner.readAt(positions));
  }

  readSubject(subject: string, limit: number): Promise<readonly RecordedEvent[]> {
    return this.#ask(() => this.inner.readSubject(subject, limit));
  }

  streamEnd(stream: StreamId): Promise<Position> {
    return this.#ask(() => this.inner.streamEnd(stream));
  }

  head(): Promise<Position> {
    return this.#ask(() => this.inner.head());
  }

  findOutcomes(
    keys: readonly { readonly stream: StreamId; readonly commandId: CommandId }[],
  ): Promise<readonly RecordedOutcome[]> {
    return this.#ask(() => this.inner.findOutcomes(keys));
  }

  fencedRead(fences: readonly LaneFence[]): Promise<Position> {
    return this.#ask(() => this.inner.fencedRead(fences));
  }

  dueStreams(asked: DueAsked): Promise<DuePage> {
    return this.#ask(() => this.inner.dueStreams(asked));
  }

  loadSnapshot(stream: StreamId, evolveVersion: number): Promise<Snapshot | undefined> {
    return this.#ask(() => this.inner.loadSnapshot(stream, evolveVersion));
  }

  saveSnapshot(snapshot: Snapshot): Promise<void> {
    return this.#ask(() => this.inner.saveSnapshot(snapshot));
  }

  putBlob(bytes: Uint8Array): Promise<string> {
    return this.#ask(() => this.inner.putBlob(bytes));
  }

  getBlob(sha256: string): Promise<Uint8Array | undefined> {
    return this.#ask(() => this.inner.getBlob(sha256));
  }

  clock(): Promise<EpochMs> {
    return this.#ask(() => this.inner.clock());
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #ask<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    return this.process.ask({ work, unavailable });
  }
}

function unavailable(): Failure {
  return new Failure('event_store_unavailable', 'The simulated store does not answer.', true);
}

/** Says whether a message at this offset counts as consumed. */
export function isConsumed({ next, above }: ConsumedOffsets, offset: bigint): boolean {
  return offset < next || above.includes(offset);
}
