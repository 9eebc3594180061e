import type { Timers } from '@ringfence/kernel/timers';
import type { FastifyRequest } from 'fastify';
import { HttpProblem, refusalProblems, retryAfterDefaultMs } from '../problem.js';
import { LoopLateness } from './loop-lateness.js';
import { problemAnswer } from './problem.filter.js';
import { RefusedRequests } from './refused-requests.js';

export const commandLimits = {
  /**
   * Time in which an admitted command should have its answer, with its wait for the event loop: as many are in flight
   * as are answered in it.
   */
  answeredWithinMs: 400,
  /**
   * Commands that may be in flight on a machine of any speed. Fewer say little about its pace: they are answered as
   * fast as a commit.
   */
  inFlightMin: 64,
  /**
   * Commands that may be in flight on the fastest machine. Batches do not get cheaper with more, but garbage
   * collections get dearer: all that is known of a command in flight is copied by them.
   */
  inFlightMax: 512,
  /** Commands that may be in flight at least while the pace is not known. */
  inFlightUnmeasured: 512,
  /** Time over which the pace is measured. */
  measuredOverMs: 250,
  /**
   * Time with fewer than `inFlightMin` after which the pace is not known any more: a standstill that has been made up
   * for is no slow machine.
   */
  forgottenAfterMs: 1_000,
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
  /** Requests that were refused for lack of room a moment ago. */
  readonly refused: RefusedRequests;

  readonly #loop: LoopLateness;

  constructor(private readonly timers: Pick<Timers, 'monotonicMs' | 'after'>) {
    this.refused = new RefusedRequests(timers);
    this.#loop = new LoopLateness(timers, () => this.#inFlight >= commandLimits.inFlightMin);
  }

  /**
   * The most commands that are in flight before further ones are refused. Where the event loop is late, fewer by the
   * time that they have waited already; but not less than half, so that the long turns of a loop that is always late
   * are not spent on refusals alone.
   */
  get limit(): number {
    const { answeredWithinMs, inFlightMin } = commandLimits;
    const leftMs = Math.max(answeredWithinMs / 2, answeredWithinMs - this.#loop.lateMs);
    return Math.max(inFlightMin, Math.floor((this.#limit * leftMs) / answeredWithinMs));
  }

  /**
   * Registers a command.
   * @param isUrgent true: it is never refused
   * @returns to be called once when it is answered; undefined: it is refused
   */
  begin(account: string, isUrgent: boolean): (() => void) | undefined {
    const begunAtMs = this.timers.monotonicMs();
    if (!isUrgent && this.isFullFor(account)) return undefined;
    if (begunAtMs - this.#fewSinceMs > commandLimits.forgottenAfterMs) this.#forgetPace();
    this.#inFlight += 1;
    if (this.#inFlight >= commandLimits.inFlightMin) {
      this.#fewSinceMs = Number.POSITIVE_INFINITY;
      this.#loop.watch();
    }
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

  /** Says whether a command of this account is refused, unless it is urgent. */
  isFullFor(account: string): boolean {
    const own = this.#accounts.get(account) ?? 0;
    return this.#inFlight >= this.limit && own >= this.#partOf(own);
  }

  /** The commands that an account may have in flight while there is no room; `own`: those that it has. */
  #partOf(own: number): number {
    const accounts = this.#accounts.size + (own === 0 ? 1 : 0);
    return Math.floor(this.limit / accounts);
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
  }

  #forgetPace(): void {
    this.#limit = Math.max(this.#limit, commandLimits.inFlightUnmeasured);
    this.#together = 0;
    this.#tookMs = 0;
  }
}

/** The property of a request that holds what is to be called at its answer. */
const endOf = Symbol('end of its command');
type WithEnd = FastifyRequest & { [endOf]?: (() => void) | undefined };

/** Begins the command of a request. @returns false: it is refused */
export function beginCommand(bounds: CommandBounds, request: WithEnd, account: string, isUrgent: boolean): boolean {
  request[endOf] = bounds.begin(account, isUrgent);
  if (request[endOf] !== undefined) return true;
  const { url, routeOptions } = request;
  bounds.refused.note(request, {
    account,
    route: routeOptions.url ?? '',
    answer: problemAnswer(overloaded(), url),
  });
  return false;
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
