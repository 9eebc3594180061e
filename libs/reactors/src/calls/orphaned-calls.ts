import { pause, type Timers } from '@ringfence/kernel/timers';
import { durationMs, type Position } from '@ringfence/kernel/units';
import type { Carrier, CarrierSignal } from '@ringfence/ports/carrier/carrier';
import { isAborted } from '@ringfence/kernel/aborted';
import { isRetryable } from '@ringfence/kernel/failure';
import type { LiveCalls } from './live-calls.js';

/** Calls per page of the search. */
const pageMax = 1_000;
const retryMs = 250;

type OrphanSearch = {
  readonly liveCalls: LiveCalls;
  readonly carrier: Pick<Carrier, 'knows'>;
  readonly timers: Timers;
  readonly report: (signal: CarrierSignal) => void;
  readonly signal: AbortSignal;
  readonly onRetryableError: (cause: unknown) => void;
};

/**
 * Ends the calls that were ordered before `seen`, the position where this process took over, and that no worker knows.
 * They are never dialled again, for they may have rung. How long they talked is unknown, so nothing is charged.
 */
export async function endOrphanedCalls(seen: Position, search: OrphanSearch): Promise<number> {
  let ended = 0;
  let after: Position | null = null;
  while (!search.signal.aborted) {
    let page;
    let known;
    try {
      page = await search.liveCalls.placedBelow(seen, after, pageMax);
      if (page.length === 0) return ended;
      known = await search.carrier.knows(page.map(({ attemptId }) => attemptId));
    } catch (error) {
      // Retries while no worker answers: a call that a worker may have is not ended because of that.
      if (!isRetryable(error)) throw error;
      if (isAborted(search.signal)) return ended;
      search.onRetryableError(error);
      await pause(search.timers, retryMs, search.signal);
      continue;
    }
    for (const { accountId, callId, attemptId } of page) {
      if (known.has(attemptId)) continue;
      ended += 1;
      search.report({ accountId, callId, attemptId, signal: carrierUnknown });
    }
    const last = page.at(-1);
    if (last === undefined || page.length < pageMax) return ended;
    after = last.placedPosition;
  }
  return ended;
}

export const carrierUnknown: CarrierSignal['signal'] = {
  kind: 'ended',
  cause: 'carrier_unknown',
  endedBy: 'platform',
  talkTimeMs: durationMs(0),
};
