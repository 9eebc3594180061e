import type { Timers } from '@ringfence/kernel/timers';
import type { FastifyRequest } from 'fastify';
import { HttpProblem, refusalProblems, retryAfterDefaultMs } from '../problem.js';

export const commandLimits = {
  /** Time in which an admitted command should have its answer: as many are in flight as are answered in it. */
  answeredWithinMs: 700,
  /**
   * Commands that may be in flight on a machine of any speed. Fewer say little about its pace: they are answered as
   * fast as a commit.
   */
  inFlightMin: 64,
  /** Commands that may be in flight on the fastest machine: the most that may wait for one account's lane. */
  inFlightMax: 1_024,
  /** Commands that may be in flight at least while the pace is not known. */
  inFlightUnmeasured: 512,
  /** Time over which the pace is measured. */
  measuredOverMs: 250,
  /**
   * Time with fewer than `inFlightMin` after which the pace is not known any more: a standstill that has been made up
   * for is no slow machine.
   */
  forgottenAfterMs: 1_000,
  /** Kinds of requests that are refused before they are looked at; others are refused by the guard. */
  refusedKindsMax: 1_024,
} as const;

/**
 * Bounds the commands in flight, so that one that is admitted has its answer soon: what is too much is refused at once,
 * before any work on it. The limit follows the pace at which commands are answered. The accounts share it: one is
 * refused only if it has its part of the limit in flight already. Commands that end or take away something are always
 * admitted.
 */
export class CommandBounds {
  /** Accounts with commands in flight, and how many. */
  readonly #accounts = new Map<string, number>();
  #inFlight = 0;
  #limit: number = commandLimits.inFlightUnmeasured;
  /** Since when fewer than `inFlightMin` are in flight; Infinity: there are as many. */
  #fewSinceMs = Number.NEGATIVE_INFINITY;
  #measuringSinceMs = Number.NEGATIVE_INFINITY;
  /** Sums over the commands answered meanwhile: how many were in flight with it, and how long it was. */
  #together = 0;
  #tookMs = 0;
  /** The accounts of requests that were refused since the last measurement, by what is alike in such requests. */
  readonly #refused = new Map<string, string>();

  constructor(private readonly timers: Pick<Timers, 'monotonicMs'>) {}

  /** The most commands that are in flight before further ones are refused. */
  get limit(): number {
    return this.#limit;
  }

  /**
   * Registers a command.
   * @param isUrgent true: it is never refused
   * @returns to be called once when it is answered; undefined: it is refused
   */
  begin(account: string, isUrgent: boolean): (() => void) | undefined {
    const begunAtMs = this.timers.monotonicMs();
    if (!isUrgent && this.#isFullFor(account)) return undefined;
    if (begunAtMs - this.#fewSinceMs > commandLimits.forgottenAfterMs) this.#forgetPace();
    this.#inFlight += 1;
    if (this.#inFlight >= commandLimits.inFlightMin) this.#fewSinceMs = Number.POSITIVE_INFINITY;
    this.#accounts.set(account, (this.#accounts.get(account) ?? 0) + 1);
    const together = this.#inFlight;
    return () => {
      const nowMs = this.timers.monotonicMs();
      this.#inFlight -= 1;
      if (this.#inFlight === commandLimits.inFlightMin - 1) this.#fewSinceMs = nowMs;
      this.#leave(account);
      this.#measure(together, nowMs - begunAtMs, nowMs);
    };
  }

  /** Notes that requests of this kind are refused at present. */
  noteRefused(kind: string, account: string): void {
    if (this.#refused.size < commandLimits.refusedKindsMax) this.#refused.set(kind, account);
  }

  /** Says whether a request of this kind would be refused: one was, and there is no room yet. */
  refuses(kind: string): boolean {
    const account = this.#refused.get(kind);
    return account !== undefined && this.#isFullFor(account);
  }

  /** True while a request may be refused by its kind. */
  get refusesSome(): boolean {
    return this.#refused.size > 0;
  }

  #isFullFor(account: string): boolean {
    const own = this.#accounts.get(account) ?? 0;
    return this.#inFlight >= this.#limit && own >= this.#partOf(own);
  }

  /** The commands that an account may have in flight while there is no room; `own`: those that it has. */
  #partOf(own: number): number {
    const accounts = this.#accounts.size + (own === 0 ? 1 : 0);
    return Math.floor(this.#limit / accounts);
  }

  #leave(account: string): void {
    const left = (this.#accounts.get(account) ?? 0) - 1;
    if (left > 0) this.#accounts.set(account, left);
    else this.#accounts.delete(account);
  }

  /** Measures the pace by Little's law, with the commands that had to queue. */
  #measure(together: number, tookMs: number, nowMs: number): void {
    const { inFlightMin, inFlightMax, answeredWithinMs, measuredOverMs } = commandLimits;
    if (together < inFlightMin) return;
    if (this.#together === 0) this.#measuringSinceMs = nowMs;
    this.#together += together;
    this.#tookMs += tookMs;
    if (nowMs - this.#measuringSinceMs < measuredOverMs) return;
    const limit = Math.round((this.#together / this.#tookMs) * answeredWithinMs);
    this.#limit = Math.min(inFlightMax, Math.max(inFlightMin, limit));
    this.#together = 0;
    this.#tookMs = 0;
    this.#refused.clear();
  }

  #forgetPace(): void {
    this.#limit = Math.max(this.#limit, commandLimits.inFlightUnmeasured);
    this.#together = 0;
    this.#tookMs = 0;
    this.#refused.clear();
  }
}

/** The property of a request that holds what is to be called at its answer. */
const endOf = Symbol('end of its command');
type WithEnd = FastifyRequest & { [endOf]?: (() => void) | undefined };

/** Begins the command of a request. @returns false: it is refused */
export function beginCommand(bounds: CommandBounds, request: WithEnd, account: string, isUrgent: boolean): boolean {
  request[endOf] = bounds.begin(account, isUrgent);
  if (request[endOf] !== undefined) return true;
  bounds.noteRefused(kindOf(request), account);
  return false;
}

/**
 * Says whether a request is like one that was refused a moment ago, and is refused before its key is checked and its
 * body is read, so that a flood costs little.
 * @param bounds undefined: there are none
 */
export function isRefusedUnread(bounds: CommandBounds | undefined, request: FastifyRequest): boolean {
  return bounds?.refusesSome === true && bounds.refuses(kindOf(request));
}

function kindOf({ method, url, headers }: FastifyRequest): string {
  return `${method} ${url} ${String(headers['x-api-key'])} ${String(headers.authorization)}`;
}

/** Notes that a request has its answer. */
export function endCommand(request: WithEnd): void {
  const end = request[endOf];
  request[endOf] = undefined;
  end?.();
}

export function overloaded(): HttpProblem {
  return new HttpProblem(
    'overloaded',
    refusalProblems.overloaded,
    'more commands arrive than can be decided in time; nothing was done: try again shortly',
    { retryAfterMs: retryAfterDefaultMs },
  );
}
