import { connect, type Socket } from 'node:net';
import { percentile } from '../bench.js';
import type { Load, LoadResult } from './load.js';

/** Acceptances and refusals of an open-loop load. */
export type OpenLoopResult = LoadResult & {
  /** Answers 2xx that came before the load ended, per second. */
  readonly acceptedPerSecond: number;
  /** p99 of the answers 2xx; 0: there are none. */
  readonly acceptedP99Ms: number;
  /** Refusals by status and code. */
  readonly refusals: Readonly<Record<string, number>>;
};

/**
 * Sends so many requests per second, each at its own moment, evenly spaced and independent of earlier ones: latency is
 * counted from the moment when a request was due, including the wait for a free connection. (autocannon's rate is
 * different: each connection sends a second's requests as fast as answers arrive, then pauses.) Connections take turns,
 * so that none idles until the server closes it.
 */
export async function openLoopLoad(load: Load & { readonly perSecond: number }): Promise<OpenLoopResult> {
  const { url, connections, seconds, perSecond } = load;
  const request = requestBytes(load);
  const { hostname, port } = new URL(url);
  const round = new Round(seconds);
  const lines = await Promise.all(
    Array.from({ length: connections }, () => Line.open(hostname, Number(port), request, round)),
  );
  const idle = [...lines];
  const due: number[] = [];
  const send = (): void => {
    while (due.length > 0) {
      const line = idle.shift();
      if (line === undefined) return;
      if (!line.alive) continue;
      void line.ask(due.shift() ?? 0).then((alive) => {
        if (alive) idle.push(line);
        send();
      });
    }
  };
  const everyMs = 1_000 / perSecond;
  const total = Math.round(perSecond * seconds);
  const beganAtMs = performance.now();
  round.beganAtMs = beganAtMs;
  for (let next = 0; next < total;) {
    for (; next < total && beganAtMs + next * everyMs <= performance.now(); next += 1)
      due.push(beganAtMs + next * everyMs);
    send();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, beganAtMs + next * everyMs - performance.now())));
  }
  await round.answered(total, beganAtMs + seconds * 1_000 + answersWithinMs);
  for (const line of lines) line.close();
  return round.result(total, performance.now() - beganAtMs);
}

/** The longest wait for answers after the last request. */
const answersWithinMs = 10_000;

function requestBytes({ url, key, body }: Load): Buffer {
  const { host, pathname } = new URL(url);
  const text = JSON.stringify(body);
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `host: ${host}`,
    'content-type: application/json',
    `x-api-key: ${key}`,
    `content-length: ${String(Buffer.byteLength(text))}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${text}`);
}

/** `code`: of a refusal; empty: it has none. */
type Answer = { readonly status: string; readonly code: string };

/** The answers of one round so far. */
class Round {
  readonly #tookMs: number[] = [];
  readonly #acceptedMs: number[] = [];
  readonly #statuses: Record<string, number> = {};
  readonly #refusals: Record<string, number> = {};
  #acceptedMeanwhile = 0;
  beganAtMs = 0;
  /** Requests whose connection broke before their answer. */
  broken = 0;
  /** Number of answers without a request. */
  unasked = 0;

  /** @param seconds how long requests are sent */
  constructor(private readonly seconds: number) {}

  note({ status, code }: Answer, dueAtMs: number): void {
    const nowMs = performance.now();
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
    this.#tookMs.push(nowMs - dueAtMs);
    if (status.startsWith('2')) {
      this.#acceptedMs.push(nowMs - dueAtMs);
      if (nowMs - this.beganAtMs <= this.seconds * 1_000) this.#acceptedMeanwhile += 1;
    } else {
      const refusal = `${status} ${code}`;
      this.#refusals[refusal] = (this.#refusals[refusal] ?? 0) + 1;
    }
  }

  async answered(total: number, deadlineMs: number): Promise<void> {
    while (this.#tookMs.length + this.broken < total && performance.now() < deadlineMs)
      await new Promise((resolve) => setTimeout(resolve, 1));
  }

  /** Sums up the round; a request without an answer is an error, and so is an answer without a request. */
  result(total: number, durationMs: number): OpenLoopResult {
    const rounded = (share: number, of = this.#tookMs) => Math.round(10 * percentile(of, share)) / 10;
    return {
      perSecond: (this.#tookMs.length * 1_000) / durationMs,
      p50Ms: rounded(50),
      p99Ms: rounded(99),
      statuses: this.#statuses,
      errors: total - this.#tookMs.length + this.unasked,
      acceptedPerSecond: this.#acceptedMeanwhile / this.seconds,
      acceptedP99Ms: this.#acceptedMs.length === 0 ? 0 : rounded(99, this.#acceptedMs),
      refusals: this.#refusals,
    };
  }
}

/** One connection with at most one request in flight. */
class Line {
  #received = '';
  #dueAtMs = 0;
  #settle: ((alive: boolean) => void) | undefined;

  private constructor(
    private readonly socket: Socket,
    private readonly request: Buffer,
    private readonly round: Round,
  ) {
    socket.setEncoding('latin1').setNoDelay(true);
    socket.on('data', (text: string) => {
      this.#take(text);
    });
    const broken = () => {
      if (this.#settle === undefined) return;
      round.broken += 1;
      this.#over(false);
    };
    socket.on('error', broken).on('close', broken);
  }

  static async open(host: string, port: number, request: Buffer, round: Round): Promise<Line> {
    const socket = connect(port, host);
    await new Promise<void>((opened, refused) => {
      socket.once('connect', opened).once('error', refused);
    });
    return new Line(socket, request, round);
  }

  /** True until the other side has closed it. */
  get alive(): boolean {
    return this.socket.writable && this.socket.readable;
  }

  /** @returns false if the connection broke */
  ask(dueAtMs: number): Promise<boolean> {
    this.#dueAtMs = dueAtMs;
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.socket.write(this.request);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  #take(text: string): void {
    this.#received += text;
    for (let answer = this.#nextAnswer(); answer !== undefined; answer = this.#nextAnswer()) {
      if (this.#settle === undefined) {
        this.round.unasked += 1;
      } else {
        this.round.note(answer, this.#dueAtMs);
        this.#over(true);
      }
    }
  }

  /** Removes the first answer from what was received. @returns undefined while it is incomplete */
  #nextAnswer(): Answer | undefined {
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return undefined;
    const [, length] = /\r\ncontent-length: (\d+)\r\n/i.exec(this.#received.slice(0, headEnd + 2)) ?? [];
    if (length === undefined) throw new Error(`an answer does not say how long it is: ${this.#received}`);
    const end = headEnd + 4 + Number(length);
    if (this.#received.length < end) return undefined;
    const status = this.#received.slice(9, 12);
    const [, code = ''] = status.startsWith('2')
      ? []
      : (/"code":"(\w+)"/.exec(this.#received.slice(headEnd, end)) ?? []);
    this.#received = this.#received.slice(end);
    return { status, code };
  }

  #over(alive: boolean): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(alive);
  }
}
