import { setTimeout as sleep } from 'node:timers/promises';
import type { Message, MessagesStream } from '@platformatic/kafka';
import { busFailures } from '@ringfence/messaging/failures';

export type Stream = MessagesStream<string, Buffer, string, string>;
export type StreamMessage = Message<string, Buffer, string, string>;

/** The broker answers a fetch at once, or after a quarter of a second when there is nothing new. Of a stream that is silent for this long nothing will come. */
export const silentMsMax = 30_000;
/** How often that is looked at, in a stream's longest silence. */
const looksInSilence = 4;
/** What the client has not done by then it is not waited for. */
export const answerMsMax = 10_000;

export type StreamReadingParts = {
  readonly stream: Stream;
  readonly take: (message: StreamMessage) => void;
  /** It reads no longer, and nobody has asked it to stop. Told once. */
  readonly lost: (failure: unknown) => void;
  readonly silentMsMax: number;
};

/**
 * Reads one stream of the client until it is stopped. The client has ways to lose a fetch, or the end of a stream, when a broker dies in the middle of it:
 * it then says nothing any more, and no error either. So its silence is watched, and its end is waited for no longer than `answerMsMax`.
 */
export class StreamReading {
  #over = false;
  #heardAtMs = performance.now();
  readonly #watch: NodeJS.Timeout;
  readonly #ended: Promise<void>;

  constructor(private readonly parts: StreamReadingParts) {
    const { stream } = parts;
    stream.on('fetch', () => {
      this.#heardAtMs = performance.now();
    });
    // Whoever reads it learns what was wrong; once it is given up nobody reads it.
    stream.on('error', () => undefined);
    this.#watch = setInterval(() => {
      this.#look();
    }, parts.silentMsMax / looksInSilence);
    this.#ended = this.#pump();
  }

  /** From here on nothing is taken. @throws Failure `bus_unavailable`: the client did not end it in time; it is given up */
  async stop(): Promise<void> {
    const { stream } = this.parts;
    this.#stopTaking();
    try {
      await unlessLate(Promise.all([stream.close(), this.#ended]), answerMsMax);
    } catch (failure) {
      stream.destroy();
      throw failure;
    }
  }

  async #pump(): Promise<void> {
    try {
      for await (const message of this.parts.stream) {
        if (this.#over) return;
        this.parts.take(message);
      }
      this.#lose(busFailures.bus_unavailable(new Error('the stream ended by itself')));
    } catch (failure) {
      this.#lose(failure);
    }
  }

  #look(): void {
    const silentMs = performance.now() - this.#heardAtMs;
    if (silentMs < this.parts.silentMsMax) return;
    this.#lose(busFailures.bus_unavailable(new Error(`no fetch was answered for ${silentMs.toFixed(0)} ms`)));
  }

  #lose(failure: unknown): void {
    if (this.#over) return;
    this.#stopTaking();
    this.parts.lost(failure);
  }

  #stopTaking(): void {
    this.#over = true;
    clearInterval(this.#watch);
  }
}

/** @throws Failure `bus_unavailable` (retryable) when it takes longer */
export async function unlessLate<Answer>(answer: Promise<Answer>, ms: number): Promise<Answer> {
  const answered = new AbortController();
  const late = sleep(ms, undefined, { signal: answered.signal }).then(() => {
    throw busFailures.bus_unavailable(new Error(`the client has not answered for ${String(ms)} ms`));
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    answered.abort();
  }
}
