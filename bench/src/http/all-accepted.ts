import type { LoadResult } from './load.js';

/**
 * Checks that every requested call was accepted: a figure holds for all of them, or there is none.
 * @throws Error if a call was not accepted or not answered
 */
export function allAccepted(what: string, result: LoadResult, asked: number): void {
  const { '202': accepted = 0, ...others } = result.statuses;
  if (accepted === asked && Object.keys(others).length === 0 && result.errors === 0) return;
  throw new Error(`${what}: not all of ${String(asked)} calls were accepted: ${JSON.stringify(result)}`);
}
