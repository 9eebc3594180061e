import type { Timers } from '@ringfence/kernel/timers';
import type { FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import { edgeProblem, retryAfterDefaultMs } from '../problem.js';

export const readLimits = {
  /** Reads of a process that are worked on at one time. */
  workingMax: 8,
  workingPerAccountMax: 3,
  workingPerKeyMax: 2,
  /**
   * Reads that are there at one time, whether they wait for their turn, are worked on, or wait for a projection; one
   * more is refused with 429.
   */
  presentPerAccountMax: 256,
  presentPerKeyMax: 128,
  /**
   * Bytes of ready answers that clients of one account have not taken; above that, no further read of the account
   * begins.
   */
  untakenBytesPerAccountMax: 8_388_608,
  /** Time to wait for a turn; after that the read is refused with 429. */
  waitMsMax: 10_000,
} as const;

/** Reader of a turn. Operators' reads are of the account `platform`. */
type Reader = { readonly keyId: string; readonly account: string };

/**
 * Bounds what reads of one account and key may take from others: work at one time, reads that wait, bytes that nobody
 * takes. Accounts take turns. (A connection has at most one read in these bounds: see `afterEarlierReads` in
 * connections.ts.)
 */
export class ReadBounds {
  /** Accounts with reads or untaken bytes, those first whose turn has been longest ago. */
  readonly #accounts = new Map<string, Account>();
  #working = 0;
  #starting = false;

  constructor(private readonly timers: Timers) {}

  /**
   * Begins one read, at once or when its `ready` has settled.
   * @throws HttpProblem `reads_overrun`: too many reads of the key or account are there
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
    untaken: ({ account }, bytes) => {
      account.untakenBytes += bytes;
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
   * Begins reads in a later turn of the event loop: commands and heartbeats that are there come before the next read.
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
    // An account whose read begins comes last, and is come to again.
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
      account.untakenBytes < readLimits.untakenBytesPerAccountMax
    );
  }

  #work(turn: ReadTurn): void {
    this.#working += 1;
    turn.account.working += 1;
    turn.key.working += 1;
    turn.working = true;
  }

  #forget({ name, present, untakenBytes }: Account): void {
    if (present === 0 && untakenBytes === 0) this.#accounts.delete(name);
  }
}

class Account {
  present = 0;
  working = 0;
  untakenBytes = 0;
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
  readonly untaken: (turn: ReadTurn, bytes: number) => void;
};

/** One read within the bounds. Work on it goes on only between its begin and `answered`, and not while it rests. */
export class ReadTurn {
  /**
   * undefined: it may be worked on at once. Rejects with HttpProblem `reads_overrun` when its turn does not come in
   * time.
   */
  ready: Promise<void> | undefined;
  working = false;
  #answered = false;
  #untakenBytes = 0;
  readonly #gone = new AbortController();

  constructor(
    readonly account: Account,
    readonly key: Key,
    private readonly steps: Steps,
  ) {}

  /** Aborts when nobody waits for the answer any more. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /**
   * Waits without holding up other reads: the read stays among those that are there and counts in their bounds, but is
   * not worked on meanwhile.
   * @param wait should end early when its signal aborts
   * @throws HttpProblem `reads_overrun`: its turn did not come again in time; and what `wait` throws
   */
  async rest<Result>(wait: (gone: AbortSignal) => Promise<Result>): Promise<Result> {
    this.#stopWorking();
    const result = await wait(this.gone);
    this.check();
    await this.steps.resume(this);
    return result;
  }

  /** Ends work that is for nobody any more. @throws HttpProblem when the client is gone */
  check(): void {
    if (this.gone.aborted) throw edgeProblem('request_timeout', 'the connection was closed before the answer');
  }

  /** The work is done; the answer has so many bytes and is on its way to the client. */
  answered(bytes: number): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#stopWorking();
    if (!this.gone.aborted) {
      this.#untakenBytes = bytes;
      this.steps.untaken(this, bytes);
    }
    this.steps.leave(this);
  }

  /** The client has taken the answer, or is gone. Work that is under way counts until it ends with `answered`. */
  over(): void {
    if (this.gone.aborted) return;
    this.#gone.abort();
    if (this.#untakenBytes > 0) this.steps.untaken(this, -this.#untakenBytes);
    this.account.waiting.get(this)?.giveUp();
  }

  #stopWorking(): void {
    if (!this.working) return;
    this.working = false;
    this.steps.stopWorking(this);
  }
}

/** Property of a request that holds its turn. */
const turnOf = Symbol('turn of its read');
type WithTurn = FastifyRequest & { [turnOf]?: ReadTurn };

/** Lets a read begin in its turn. @throws HttpProblem `reads_overrun` */
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

/** undefined: the request is no read of a key. */
export function readTurnOf(request: FastifyRequest): ReadTurn | undefined {
  return (request as WithTurn)[turnOf];
}

/** Lets a request wait as `ReadTurn.rest` says, if it is a read within bounds. */
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
