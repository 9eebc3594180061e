import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from './outcome.js';

/** Policy of retries while the outcome of a command is unknown. Retries use the same id, so nothing happens twice. */
export type RetryPolicy = {
  readonly attemptsMax: number;
  readonly attemptTimeoutMs: number;
  /** Doubled after each attempt. */
  readonly firstPauseMs: number;
  readonly pauseMsMax: number;
};
export const retryDefault: RetryPolicy = {
  attemptsMax: 5,
  attemptTimeoutMs: 10_000,
  firstPauseMs: 200,
  pauseMsMax: 5_000,
};

/** Result of one attempt: an outcome, or the advice to retry. */
export type Attempt<Result> = { readonly outcome: Outcome<Result> } | Retryable;
export type Retryable = { readonly code: string; readonly detail: string; readonly retryAfterMs: number | null };

/** Retries until there is an outcome, or until the policy's last attempt: then the outcome is `unknown`. */
export async function untilOutcome<Result>(
  id: string,
  { attemptsMax, firstPauseMs, pauseMsMax }: RetryPolicy,
  signal: AbortSignal,
  ask: () => Promise<Attempt<Result>>,
): Promise<Outcome<Result>> {
  let pauseMs = firstPauseMs;
  for (let attempt = 1; ; attempt += 1) {
    const answered = await ask();
    if ('outcome' in answered) return answered.outcome;
    const { code, detail, retryAfterMs } = answered;
    if (attempt >= attemptsMax || signal.aborted) return { status: 'unknown', id, code, detail };
    // Requests that were sent together are not retried together.
    const jittered = pauseMs * (0.5 + Math.random() / 2);
    await sleep(Math.min(pauseMsMax, Math.max(jittered, retryAfterMs ?? 0)), undefined, { signal }).catch(
      () => undefined,
    );
    pauseMs = Math.min(pauseMsMax, pauseMs * 2);
  }
}
