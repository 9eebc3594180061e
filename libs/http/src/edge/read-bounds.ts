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

/**
 * Bounds the reads of one account and key, so that they do not delay others: running reads, waiting reads, unread
 * bytes. Accounts are served round-robin. (A connection has at most one read in these bounds: see `afterEarlierReads`
 * in connections.ts.)
 */
export class ReadBounds {
  /** Accounts with reads or unread bytes, least recently served first. */
  readonly #accounts = new Map<string, Account>();
  #working = 0;
  #starting = false;

  constructor(private readonly timers: Timers) {}

  /**
   * Registers a read, which begins at once or when its `ready` has settled.
   * @throws HttpProblem `reads_overrun`: too many reads of the key or account are present
   */
  begin({ keyId, account: name }: Reader): ReadTurn {
    const account = this.#accounts.get(name) ?? new Account(name);
    const key = account.keys.get(keyId) ?? { keyId, present: 0, working: 0 };
    if (account.present >= readLimits.presentPerAccountMax || key.present >= readLimits.presentPerKeyMax)
      throw overrun();
    this.#accounts.set(name, account);
    account.keys.set(keyId, key);
    account.present += 1;
    key.present += 1;
    const turn = new ReadTurn(account, key, this.#steps);
    if (account.waiting.size === 0 && this.#mayWork(turn)) this.#work(turn);
    else turn.ready = this.#queued(turn);
    return turn;
  }

  readonly #steps: Steps = {
    resume: (turn) => this.#queued(turn),
    stopWorking: (turn) => {
      this.#working -= 1;
      turn.account.working -= 1;
      turn.key.working -= 1;
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
    // An account whose read begins moves to the end, and is visited again.
    for (const account of this.#accounts.values()) {
      if (this.#working >= readLimits.workingMax) return;
      for (const [turn, { start }] of account.waiting) {
        if (!this.#mayWork(turn)) continue;
        this.#accounts.delete(account.name);
        this.#accounts.set(account.name, account);
        this.#work(turn);
        start();
        break;
      }
    }
  }

  #mayWork({ account, key }: ReadTurn): boolean {
    return (
      this.#working < readLimits.workingMax &&
      account.working < readLimits.workingPerAccountMax &&
      key.working < readLimits.workingPerKeyMax &&
      account.unreadBytes < readLimits.unreadBytesPerAccountMax
    );
  }

  #work(turn: ReadTurn): void {
    this.#working += 1;
    turn.account.working += 1;
    turn.key.working += 1;
    turn.working = true;
  }

  #forget({ name, present, unreadBytes }: Account): void {
    if (present === 0 && unreadBytes === 0) this.#accounts.delete(name);
  }
}

class Account {
  present = 0;
  working = 0;
  unreadBytes = 0;
  readonly keys = new Map<string, Key>();
  /** Waiting reads in the order of arrival. */
  readonly waiting = new Map<ReadTurn, { readonly start: () => void; readonly giveUp: () => void }>();

  constructor(readonly name: string) {}
}
type Key = { readonly keyId: string; present: number; working: number };

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
  readonly #gone = new AbortController();

  constructor(
    readonly account: Account,
    readonly key: Key,
    private readonly steps: Steps,
  ) {}

  /** Aborts when the client has gone. */
  get gone(): AbortSignal {
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
    if (this.gone.aborted) throw edgeProblem('request_timeout', 'the connection was closed before the answer');
  }

  /** Notes that the work is done and an answer of this size is being sent. */
  answered(bytes: number): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#stopWorking();
    if (!this.gone.aborted) {
      this.#unreadBytes = bytes;
      this.steps.unread(this, bytes);
    }
    this.steps.leave(this);
  }

  /** Notes that the client has read the answer or has gone. Running work counts until it ends with `answered`. */
  over(): void {
    if (this.gone.aborted) return;
    this.#gone.abort();
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
  request: FastifyRequest,
  response: ServerResponse,
): true | Promise<true> {
  const turn = bounds.begin(reader);
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
