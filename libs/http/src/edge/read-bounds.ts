import type { Timers } from '@ringfence/kernel/timers';
import type { FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import { edgeProblem, retryAfterDefaultMs } from '../problem.js';

export const readLimits = {
  /** Reads of a process that may run at the same time. */
  workingMax: 8,
  workingPerAccountMax: 3,
  workingPerKeyMax: 2,
  /**
   * Reads of one object that count as one other read in the limits above: each takes one round trip, on a connection
   * shared with others, and has a short answer.
   */
  objectsPerRead: 4,
  /**
   * Reads of an account that may be present at the same time, whether they wait for their turn, run, or wait for a
   * projection; one more is refused with 429.
   */
  presentPerAccountMax: 256,
  presentPerKeyMax: 128,
  /**
   * Bytes of answers that clients of one account have not read; above that, no further read of the account begins.
   */
  unreadBytesPerAccountMax: 8_388_608,
  /** Time that a read waits for its turn before it is refused with 429. */
  waitMsMax: 10_000,
} as const;

/** Owner of a read. Operators' reads belong to the account `platform`. */
type Reader = { readonly keyId: string; readonly account: string };
/** `object`: of one object, by its id, in one round trip. */
export type ReadSize = 'object' | 'any';

/** Work is counted in reads of one object. */
const weights: Readonly<Record<ReadSize, number>> = { object: 1, any: readLimits.objectsPerRead };
const workMax = readLimits.workingMax * weights.any;
const workPerAccountMax = readLimits.workingPerAccountMax * weights.any;
const workPerKeyMax = readLimits.workingPerKeyMax * weights.any;

/**
 * Bounds the reads of one account and key, so that they do not delay others: running reads, waiting reads, unread
 * bytes. Accounts are served round-robin. (A connection has at most one read in these bounds: see `afterEarlierReads`
 * in connections.ts.)
 */
export class ReadBounds {
  /** Accounts with reads or unread bytes, least recently served first. */
  readonly #accounts = new Map<string, Account>();
  #work = 0;
  #starting = false;
  /** True while a read waits for room in the whole process: others wait behind it. */
  #full = false;

  constructor(private readonly timers: Timers) {}

  /**
   * Registers a read, which begins at once or when its `ready` has settled.
   * @throws HttpProblem `reads_overrun`: too many reads of the key or account are present
   */
  begin({ keyId, account: name }: Reader, size: ReadSize = 'any'): ReadTurn {
    const account = this.#accounts.get(name) ?? new Account(name);
    const key = account.keys.get(keyId) ?? { keyId, present: 0, work: 0 };
    if (account.present >= readLimits.presentPerAccountMax || key.present >= readLimits.presentPerKeyMax)
      throw overrun();
    this.#accounts.set(name, account);
    account.keys.set(keyId, key);
    account.present += 1;
    key.present += 1;
    const turn = new ReadTurn(account, key, weights[size], this.#steps);
    if (account.waiting.size === 0 && !this.#full && this.#lackOf(turn) === null) this.#begin(turn);
    else turn.ready = this.#queued(turn);
    return turn;
  }

  readonly #steps: Steps = {
    resume: (turn) => this.#queued(turn),
    stopWorking: ({ account, key, weight }) => {
      this.#work -= weight;
      account.work -= weight;
      key.work -= weight;
      this.#startSoon();
    },
    leave: ({ account, key }) => {
      account.present -= 1;
      key.present -= 1;
      if (key.present === 0) account.keys.delete(key.keyId);
      this.#forget(account);
    },
    unread: ({ account }, bytes) => {
      account.unreadBytes += bytes;
      this.#forget(account);
      if (bytes < 0) this.#startSoon();
    },
  };

  async #queued(turn: ReadTurn): Promise<void> {
    const { waiting } = turn.account;
    await new Promise<void>((resolve, reject) => {
      const cancel = this.timers.after(readLimits.waitMsMax, () => {
        waiting.get(turn)?.giveUp();
      });
      const leave = (then: () => void) => () => {
        cancel();
        waiting.delete(turn);
        then();
      };
      const giveUp = leave(() => {
        turn.over();
        reject(overrun());
      });
      waiting.set(turn, { start: leave(resolve), giveUp });
      this.#startSoon();
    });
  }

  /**
   * Begins reads in a later turn of the event loop, so that commands and heartbeats that are already there come first.
   */
  #startSoon(): void {
    if (this.#starting) return;
    this.#starting = true;
    this.timers.soon(() => {
      this.#starting = false;
      this.#startAll();
    });
  }

  #startAll(): void {
    this.#full = false;
    // An account whose read begins moves to the end, and is visited again.
    for (const account of this.#accounts.values()) {
      const turn = this.#nextOf(account);
      if (turn === 'process_full') {
        this.#full = true;
        return;
      }
      if (turn === undefined) continue;
      this.#accounts.delete(account.name);
      this.#accounts.set(account.name, account);
      this.#begin(turn);
      account.waiting.get(turn)?.start();
    }
  }

  /**
   * The next read of an account that may begin. One that lacks room holds back those behind it that compete for that
   * room: otherwise small reads, for which there is room more often, would keep a larger one waiting.
   */
  #nextOf({ waiting }: Account): ReadTurn | 'process_full' | undefined {
    const fullKeys = new Set<Key>();
    for (const turn of waiting.keys()) {
      if (fullKeys.has(turn.key)) continue;
      const lack = this.#lackOf(turn);
      if (lack === null) return turn;
      if (lack === 'process') return 'process_full';
      if (lack === 'account') return undefined;
      fullKeys.add(turn.key);
    }
    return undefined;
  }

  /** Says where there is no room for a read; null: it may begin. */
  #lackOf({ account, key, weight }: ReadTurn): 'process' | 'account' | 'key' | null {
    if (account.unreadBytes >= readLimits.unreadBytesPerAccountMax) return 'account';
    if (account.work + weight > workPerAccountMax) return 'account';
    if (key.work + weight > workPerKeyMax) return 'key';
    return this.#work + weight > workMax ? 'process' : null;
  }

  #begin(turn: ReadTurn): void {
    this.#work += turn.weight;
    turn.account.work += turn.weight;
    turn.key.work += turn.weight;
    turn.working = true;
  }

  #forget({ name, present, unreadBytes }: Account): void {
    if (present === 0 && unreadBytes === 0) this.#accounts.delete(name);
  }
}

class Account {
  present = 0;
  /** The weight of the reads that run. */
  work = 0;
  unreadBytes = 0;
  readonly keys = new Map<string, Key>();
  /** Waiting reads in the order of arrival. */
  readonly waiting = new Map<ReadTurn, { readonly start: () => void; readonly giveUp: () => void }>();

  constructor(readonly name: string) {}
}
type Key = { readonly keyId: string; present: number; work: number };

type Steps = {
  readonly resume: (turn: ReadTurn) => Promise<void>;
  readonly stopWorking: (turn: ReadTurn) => void;
  readonly leave: (turn: ReadTurn) => void;
  readonly unread: (turn: ReadTurn, bytes: number) => void;
};

/** One read within the bounds. It counts as running from its begin until `answered`, except while it rests. */
export class ReadTurn {
  /**
   * undefined: the read may run at once. Rejects with HttpProblem `reads_overrun` if its turn does not come in time.
   */
  ready: Promise<void> | undefined;
  working = false;
  #answered = false;
  #unreadBytes = 0;
  #isGone = false;
  /** Created when it is asked for: few reads wait. */
  #gone: AbortController | undefined;

  constructor(
    readonly account: Account,
    readonly key: Key,
    readonly weight: number,
    private readonly steps: Steps,
  ) {}

  /** Aborts when the client has gone. */
  get gone(): AbortSignal {
    this.#gone ??= new AbortController();
    if (this.#isGone) this.#gone.abort();
    return this.#gone.signal;
  }

  /**
   * Waits without delaying other reads: the read still counts as present, but not as running.
   * @param wait should end early when its signal aborts
   * @throws HttpProblem `reads_overrun` if its turn does not come again in time; errors of `wait`
   */
  async rest<Result>(wait: (gone: AbortSignal) => Promise<Result>): Promise<Result> {
    this.#stopWorking();
    const result = await wait(this.gone);
    this.check();
    await this.steps.resume(this);
    return result;
  }

  /** Ends work that is no longer needed. @throws HttpProblem if the client has gone */
  check(): void {
    if (this.#isGone) throw edgeProblem('request_timeout', 'the connection was closed before the answer');
  }

  /** Notes that the work is done and an answer of this size is being sent. */
  answered(bytes: number): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#stopWorking();
    if (!this.#isGone) {
      this.#unreadBytes = bytes;
      this.steps.unread(this, bytes);
    }
    this.steps.leave(this);
  }

  /** Notes that the client has read the answer or has gone. Running work counts until it ends with `answered`. */
  over(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#gone?.abort();
    if (this.#unreadBytes > 0) this.steps.unread(this, -this.#unreadBytes);
    this.account.waiting.get(this)?.giveUp();
  }

  #stopWorking(): void {
    if (!this.working) return;
    this.working = false;
    this.steps.stopWorking(this);
  }
}

/** The property of a request that holds its turn. */
const turnOf = Symbol('turn of its read');
type WithTurn = FastifyRequest & { [turnOf]?: ReadTurn };

/** Begins a read in its turn. @throws HttpProblem `reads_overrun` */
export function beginRead(
  bounds: ReadBounds,
  reader: Reader,
  size: ReadSize,
  request: FastifyRequest,
  response: ServerResponse,
): true | Promise<true> {
  const turn = bounds.begin(reader, size);
  (request as WithTurn)[turnOf] = turn;
  response.once('close', () => {
    turn.over();
  });
  return turn.ready === undefined ? true : turn.ready.then(() => true);
}

/** @returns undefined: the request is not a read with a key */
export function readTurnOf(request: FastifyRequest): ReadTurn | undefined {
  return (request as WithTurn)[turnOf];
}

/** Waits as in `ReadTurn.rest`, if the request is a read within bounds. */
export async function withTurnYielded<Result>(
  request: FastifyRequest,
  wait: (gone?: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const turn = readTurnOf(request);
  return turn === undefined ? wait() : turn.rest(wait);
}

function overrun(): Error {
  return edgeProblem(
    'reads_overrun',
    'too many reads of this account are waiting; read the answers before sending more',
    {
      retryAfterMs: retryAfterDefaultMs,
    },
  );
}
