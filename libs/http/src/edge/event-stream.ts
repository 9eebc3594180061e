import type { Timers } from '@ringfence/kernel/timers';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';

export const eventStreamLimits = {
  /** Bytes that a client has not read; a client with more is too slow, and is cut. */
  waitingBytesMax: 262_144,
  /** Interval of the comments that keep proxies from cutting a silent connection. */
  heartbeatEveryMs: 15_000,
  /** Time after which a client connects again. */
  reconnectMs: 2_000,
} as const;

const eventStreamType = 'text/event-stream; charset=utf-8';

type ServerSentEvent = { readonly id?: string; readonly type: string; readonly data: string };

/** One answer of server-sent events (HTML Living Standard, §9.2). */
export class EventStream {
  readonly #body = new Readable({
    read: () => {
      this.#isFull = false;
      this.#wake();
    },
  });
  readonly #closed = new AbortController();
  readonly #stopBeating: () => void;
  #isFull = false;
  #wake: () => void = () => undefined;

  /**
   * Sends the headers and begins the stream.
   * @param onHeartbeat called at each heartbeat
   */
  constructor(
    private readonly reply: FastifyReply,
    timers: Timers,
    onHeartbeat: () => void = () => undefined,
  ) {
    reply.raw.once('close', () => {
      this.#closed.abort();
      this.#stopBeating();
      this.#wake();
    });
    this.#stopBeating = every(timers, eventStreamLimits.heartbeatEveryMs, () => {
      this.#push(': heartbeat\n\n');
      onHeartbeat();
    });
    void reply
      .header('content-type', eventStreamType)
      // A proxy that collects the answer before it passes it on would hold every event back.
      .header('cache-control', 'no-store, no-transform')
      .header('x-accel-buffering', 'no')
      .send(this.#body);
    this.#push(`retry: ${String(eventStreamLimits.reconnectMs)}\n\n`);
  }

  /** Aborts when the connection has ended, for whatever reason. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Sends an event. A client that has left too many unread is cut. */
  send({ id, type, data }: ServerSentEvent): void {
    this.#push(`${id === undefined ? '' : `id: ${id}\n`}event: ${type}\ndata: ${data}\n\n`);
  }

  /** Settles when the client has read enough for more to be sent, or when the connection has ended. */
  async room(): Promise<void> {
    while (this.#isFull && !this.closed.aborted)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }

  /** Ends the stream with an event that says why. */
  end(reason: string): void {
    if (this.closed.aborted || this.#body.readableEnded) return;
    this.send({ type: 'stream.closed', data: JSON.stringify({ reason }) });
    this.#stopBeating();
    this.#body.push(null);
  }

  #push(text: string): void {
    if (this.closed.aborted) return;
    this.#isFull = !this.#body.push(text);
    if (this.#body.readableLength + this.reply.raw.writableLength > eventStreamLimits.waitingBytesMax)
      this.reply.raw.destroy();
  }
}

function every(timers: Timers, periodMs: number, action: () => void): () => void {
  let cancel: () => void = () => undefined;
  const plan = (): void => {
    cancel = timers.after(periodMs, () => {
      plan();
      action();
    });
  };
  plan();
  return () => {
    cancel();
  };
}
