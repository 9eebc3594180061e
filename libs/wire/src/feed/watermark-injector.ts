import type { Lane } from '@ringfence/kernel/lane';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import { watermarkMessage } from './feed-record.js';
import { readWatermarks, type Watermarks } from './watermarks.js';

/** The offset of a record that is in no partition: it was made here from the watermarks of all partitions. */
export const injectedOffset = -1n;
/**
 * The most watermarks per partition that wait for the events before them. Beyond that the newest are dropped: others
 * follow.
 */
const waitingMax = 8;

type Handler = (partition: number, batch: readonly BusMessage[]) => Promise<void>;

/** Start of the reading of a partition. */
type Beginning = {
  /** True if reading begins at the partition's end: events before it are not waited for. */
  readonly atEnd: boolean;
  /** Watermarks before this offset may be older than the beginning. */
  readonly watermarksFrom: bigint;
};

type Part = Beginning & {
  /** The position of the last event that was handled or covered by a watermark; null: none. */
  seen: number | null;
  epoch: number;
  waiting: Watermarks[];
  /** Serialises the handling of the partition. */
  turn: Promise<unknown>;
};

/**
 * Gives the reader of each partition the relay's watermarks, which cover all partitions, as records of that partition,
 * behind the last event that they cover. Events and watermarks arrive by two topics, neither of which waits for the
 * other.
 */
export class WatermarkInjector {
  readonly #parts = new Map<number, Part>();

  constructor(
    private readonly topic: string,
    private readonly handle: Handler,
    private readonly onRetryableError: (cause: unknown) => void,
  ) {}

  begin(partition: number, beginning: Beginning): void {
    this.#parts.set(partition, { ...beginning, seen: null, epoch: 0, waiting: [], turn: Promise.resolve() });
  }

  forget(partitions: Iterable<number>): void {
    for (const partition of partitions) this.#parts.delete(partition);
  }

  /** Hands over records of the partition. @throws what the handler throws: the records are then delivered again */
  deliver(partition: number, batch: readonly BusMessage[]): Promise<void> {
    return this.#inTurn(partition, async (part) => {
      await this.handle(partition, batch);
      for (const { headers } of batch) note(part, headers);
      await this.#inject(partition, part);
    });
  }

  /** @throws Failure `feed_record_malformed` */
  receive(message: BusMessage): void {
    const watermarks = readWatermarks(message);
    for (const [partition, part] of this.#parts) {
      if (message.offset < part.watermarksFrom || part.waiting.length >= waitingMax) continue;
      part.waiting.push(watermarks);
      this.#inTurn(partition, () => this.#inject(partition, part)).catch(this.onRetryableError);
    }
  }

  /** Hands over the newest watermark whose events have all been handled. */
  async #inject(partition: number, part: Part): Promise<void> {
    const at = part.waiting.findLastIndex((each) => isReached(part, each.ends[partition] ?? null));
    const watermarks = part.waiting[at];
    part.waiting.splice(0, at + 1);
    if (watermarks === undefined || this.#parts.get(partition) !== part) return;
    const { logId, epoch, head, timeMs, ends } = watermarks;
    const end = ends[partition] ?? null;
    part.epoch = Math.max(part.epoch, epoch);
    // From here on the reader knows its place: events published later have to arrive before a watermark covers them.
    part.seen = Math.max(part.seen ?? none, end?.position ?? none);
    const origin = { topic: this.topic, logId, epoch };
    const { key, headers, value } = watermarkMessage(origin, partition as Lane, end, { head, timeMs });
    await this.handle(partition, [{ topic: this.topic, partition, offset: injectedOffset, key, headers, value }]);
  }

  #inTurn(partition: number, work: (part: Part) => Promise<void>): Promise<void> {
    const part = this.#parts.get(partition);
    // The partition has been reassigned.
    if (part === undefined) return Promise.resolve();
    const done = part.turn.then(() => work(part));
    part.turn = done.catch(() => undefined);
    return done;
  }
}

/** Position before the first one. */
const none = -1;

/** Notes a record as readers do: records that a replaced relay publishes after its successor are ignored. */
function note(part: Part, headers: BusMessage['headers']): void {
  const epoch = Number(headers['ce_relayepoch']);
  if (!(epoch >= part.epoch)) return;
  part.epoch = epoch;
  const { ce_position: at } = headers;
  if (at !== undefined) part.seen = Math.max(part.seen ?? none, Number(at));
}

function isReached({ seen, atEnd }: Part, end: Watermarks['ends'][number]): boolean {
  if (end === null) return true;
  return seen === null ? atEnd : seen >= end.position;
}
