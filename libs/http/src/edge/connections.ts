import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export const connectionLimits = {
  /**
   * Connections that a process holds. The last place is for newcomers: who takes it makes connections that do nothing
   * go, or has to go itself.
   */
  connectionsMax: 4_096,
  /** Connections that are cut at once when room is needed. */
  cutAtOnceMax: 16,
  /** Time without a complete request after which a connection is slow, and the first to be cut. */
  slowAfterMs: 1_000,
  /** Requests on one connection that wait for their answers; a connection that sends one more is cut. */
  pipelinedMax: 32,
  /** Time for a client to take an answer off its connection. */
  takeAnswerMsMax: 30_000,
  /** Interval at which connections with overdue answers are looked for. */
  lookThroughEveryMs: 1_000,
} as const;

/** Codes under which connections that were cut are counted. */
type CutCode = 'connection_slow' | 'connection_idle' | 'connections_full' | 'answer_not_taken' | 'requests_pipelined';

type Line = {
  /** The last request that began on the connection; undefined: there was none. */
  last: IncomingMessage | undefined;
  /** Start of that request, or else of the connection: monotonic milliseconds. */
  begunAtMs: number;
  /** Answers that the client has not taken, in the order of their requests. */
  readonly owed: ServerResponse[];
  /** A key was accepted on the connection. */
  known: boolean;
  /** The ready answer that was seen when connections were last looked through, and when it was first seen. */
  untaken: { readonly answer: ServerResponse; readonly sinceMs: number } | undefined;
};

const lines = new WeakMap<Socket, Line>();

/** Notes that a key was accepted on a connection: it is cut later than connections of unknown clients. */
export function noteKnownClient(socket: Socket): void {
  const line = lines.get(socket);
  if (line !== undefined) line.known = true;
}

/**
 * Runs `go` when the client has taken all answers to earlier reads on its connection; never, if the connection ends
 * before.
 */
export function afterEarlierReads(request: IncomingMessage, go: () => void): void {
  const before = lines.get(request.socket)?.owed.findLast(({ req }) => req !== request && isRead(req));
  if (before === undefined) go();
  else
    before.once('close', () => {
      if (request.socket.writable) go();
    });
}

export function isRead({ method }: Pick<IncomingMessage, 'method'>): boolean {
  return method === 'GET' || method === 'HEAD';
}

type Owed = {
  /** The request whose body is on its way; undefined: none is. */
  readonly incoming: IncomingMessage | undefined;
  /** The request on its way already has its answer: a second one would be taken for that of the next request. */
  readonly answered: boolean;
  /** The last answer that has to reach the client before the connection may end with a word; undefined: none. */
  readonly after: ServerResponse | undefined;
};

/** The answers that a connection owes its client when it has to end. */
export function owedOn(socket: Socket): Owed {
  const { last, owed = [] } = lines.get(socket) ?? {};
  const incoming = last?.complete === false ? last : undefined;
  if (incoming === undefined) return { incoming, answered: false, after: owed.at(-1) };
  const own = owed.findLast(({ req }) => req === incoming);
  if (own === undefined || own.headersSent) return { incoming, answered: true, after: owed.at(-1) };
  return { incoming, answered: false, after: owed.at(-2) };
}

/**
 * The connections of one server. Connections that are held without being used never keep others out: when the last
 * place is taken, the longest unused ones are cut. A new connection is closed as it comes only while all others have a
 * request at work.
 */
export class Connections {
  /** Connections in the order of their last request. */
  readonly #open = new Map<Socket, Line>();

  /** @param onCut called for every connection that is cut; must not throw */
  constructor(
    private readonly server: Server,
    private readonly onCut: (code: CutCode) => void,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {
    server.maxConnections = connectionLimits.connectionsMax;
    server.on('connection', (socket: Socket) => {
      this.#begin(socket);
    });
    server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#take(request, response);
    });
    const lookingThrough = setInterval(() => {
      this.lookThrough();
    }, connectionLimits.lookThroughEveryMs).unref();
    server.once('close', () => {
      clearInterval(lookingThrough);
    });
  }

  /** Cuts connections whose client has not taken a ready answer for `takeAnswerMsMax`. */
  lookThrough(): void {
    const nowMs = this.monotonicMs();
    for (const [socket, line] of this.#open) {
      const [answer] = line.owed;
      if (answer?.writableEnded !== true) line.untaken = undefined;
      else if (line.untaken?.answer !== answer) line.untaken = { answer, sinceMs: nowMs };
      else if (nowMs - line.untaken.sinceMs >= connectionLimits.takeAnswerMsMax) this.#cut(socket, 'answer_not_taken');
    }
  }

  #begin(socket: Socket): void {
    const begunAtMs = this.monotonicMs();
    const line: Line = { last: undefined, begunAtMs, owed: [], known: false, untaken: undefined };
    lines.set(socket, line);
    this.#open.set(socket, line);
    socket.once('close', () => {
      this.#open.delete(socket);
    });
    if (this.#open.size >= this.server.maxConnections) this.#makeRoom(socket, begunAtMs);
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const line = this.#open.get(socket);
    if (line === undefined) return;
    line.last = request;
    line.begunAtMs = this.monotonicMs();
    this.#open.delete(socket);
    this.#open.set(socket, line);
    line.owed.push(response);
    response.once('close', () => {
      line.owed.splice(line.owed.indexOf(response), 1);
    });
    if (line.owed.length > connectionLimits.pipelinedMax) this.#cut(socket, 'requests_pipelined');
  }

  #makeRoom(newest: Socket, nowMs: number): void {
    const others = [...this.#open].filter(([socket]) => socket !== newest);
    for (const [code, isSuch] of cutFirst) {
      const found = others.filter(([, line]) => isSuch(line, nowMs)).slice(0, connectionLimits.cutAtOnceMax);
      for (const [socket] of found) this.#cut(socket, code);
      if (found.length > 0) return;
    }
    this.#cut(newest, 'connections_full');
  }

  #cut(socket: Socket, code: CutCode): void {
    this.#open.delete(socket);
    socket.destroy();
    this.onCut(code);
  }
}

/**
 * Kinds of connections in the order in which they are cut when room is needed. Those that have just come are the last,
 * for their request may be on its way; a client whose unused connection is closed opens another one.
 */
const cutFirst: readonly (readonly [CutCode, (line: Line, nowMs: number) => boolean])[] = [
  ['connection_slow', (line, nowMs) => isComing(line) && nowMs - line.begunAtMs >= connectionLimits.slowAfterMs],
  ['answer_not_taken', ({ owed: [first] }) => first?.writableEnded === true],
  ['connection_idle', (line) => isIdle(line) && !line.known],
  ['connection_idle', isIdle],
  ['connection_slow', isComing],
];

/** Tests whether no request has arrived completely, or the last one has not. */
function isComing({ last }: Line): boolean {
  return last?.complete !== true;
}

function isIdle(line: Line): boolean {
  return !isComing(line) && line.owed.length === 0;
}
