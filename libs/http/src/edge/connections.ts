import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export const connectionLimits = {
  /**
   * The most connections of a process. The last place is for new ones: a connection that takes it displaces idle ones,
   * or is closed itself.
   */
  connectionsMax: 4_096,
  /** Connections that are cut at a time when room is needed. */
  cutAtOnceMax: 16,
  /** Time without a complete request after which a connection counts as slow and is cut first. */
  slowAfterMs: 1_000,
  /** Requests on one connection that may wait for answers; a connection with one more is cut. */
  pipelinedMax: 32,
  /** Time for a client to read an answer. */
  takeAnswerMsMax: 30_000,
  /** Interval of the search for connections with overdue answers. */
  lookThroughEveryMs: 1_000,
} as const;

/** Codes under which connections that were cut are counted. */
type CutCode = 'connection_slow' | 'connection_idle' | 'connections_full' | 'answer_not_taken' | 'requests_pipelined';

type Line = {
  /** The last request that began on the connection; undefined: none. */
  last: IncomingMessage | undefined;
  /** Start of that request, else of the connection, in monotonic milliseconds. */
  begunAtMs: number;
  /** Answers that the client has not read, in the order of their requests. */
  readonly owed: ServerResponse[];
  /** True if a key was accepted on the connection. */
  known: boolean;
  /** The unread answer found by the last search, and when it was first found. */
  unread: { readonly answer: ServerResponse; readonly sinceMs: number } | undefined;
};

const lines = new WeakMap<Socket, Line>();

/** Notes that a key was accepted on a connection, which is then cut later than those of unknown clients. */
export function noteKnownClient(socket: Socket): void {
  const line = lines.get(socket);
  if (line !== undefined) line.known = true;
}

/**
 * Runs `go` when the client has read all answers to earlier reads on its connection; never, if the connection ends
 * first.
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
  /** The request whose body is being received; undefined: none. */
  readonly incoming: IncomingMessage | undefined;
  /** True if that request already has its answer; a second one would be taken for that of the next request. */
  readonly answered: boolean;
  /** The last answer that must reach the client before a final one may end the connection; undefined: none. */
  readonly after: ServerResponse | undefined;
};

/** The answers pending on a connection that has to end. */
export function owedOn(socket: Socket): Owed {
  const { last, owed = [] } = lines.get(socket) ?? {};
  const incoming = last?.complete === false ? last : undefined;
  if (incoming === undefined) return { incoming, answered: false, after: owed.at(-1) };
  const own = owed.findLast(({ req }) => req === incoming);
  if (own === undefined || own.headersSent) return { incoming, answered: true, after: owed.at(-1) };
  return { incoming, answered: false, after: owed.at(-2) };
}

/**
 * The connections of one server. Idle connections never keep new ones out: when the last place is taken, the longest
 * idle ones are cut. A new connection is only closed on arrival while all others have a request in progress.
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

  /**
   * Ends connections that have carried nothing yet. Node does not count them as idle, and a server that closes would
   * wait for them as long as for a request.
   */
  endUnused(): void {
    for (const socket of this.#open.keys()) if (socket.bytesRead === 0) socket.destroy();
  }

  /** Cuts connections whose client has not read an answer for `takeAnswerMsMax`. */
  lookThrough(): void {
    const nowMs = this.monotonicMs();
    for (const [socket, line] of this.#open) {
      const [answer] = line.owed;
      if (answer?.writableEnded !== true) line.unread = undefined;
      else if (line.unread?.answer !== answer) line.unread = { answer, sinceMs: nowMs };
      else if (nowMs - line.unread.sinceMs >= connectionLimits.takeAnswerMsMax) this.#cut(socket, 'answer_not_taken');
    }
  }

  #begin(socket: Socket): void {
    const begunAtMs = this.monotonicMs();
    const line: Line = { last: undefined, begunAtMs, owed: [], known: false, unread: undefined };
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
 * Kinds of connections in the order in which they are cut when room is needed. New ones come last, because their
 * request may be in flight; a client whose idle connection is closed opens another one.
 */
const cutFirst: readonly (readonly [CutCode, (line: Line, nowMs: number) => boolean])[] = [
  ['connection_slow', (line, nowMs) => isComing(line) && nowMs - line.begunAtMs >= connectionLimits.slowAfterMs],
  ['answer_not_taken', ({ owed: [first] }) => first?.writableEnded === true],
  ['connection_idle', (line) => isIdle(line) && !line.known],
  ['connection_idle', isIdle],
  ['connection_slow', isComing],
];

/** Tests whether the last request, or the first one, has not arrived completely. */
function isComing({ last }: Line): boolean {
  return last?.complete !== true;
}

function isIdle(line: Line): boolean {
  return !isComing(line) && line.owed.length === 0;
}
