import { describe, expect, it } from '@jest/globals';
import { epochMs } from '@ringfence/kernel/units';
import { nine } from '@ringfence/testing/examples';
import { LaneBench } from '@ringfence/testing/lane-bench';
import { checkLogAhead, latestDecisionMs, logAheadMsMax } from './latest-decision.js';

describe('the newest events of a log', () => {
  it('say the latest moment that was decided at, and the beginning of time where there are none', async () => {
    const bench = new LaneBench();
    expect(await latestDecisionMs(bench.store)).toBe(0);
    const executor = await bench.start();
    await bench.opened(executor);
    bench.clock.advance(5_000);
    await bench.opened(executor);
    expect(await latestDecisionMs(bench.store)).toBe(bench.clock.now());
    await bench.stop();
  });

  it.each([
    { aheadMs: -86_400_000, because: 'they are of yesterday' },
    { aheadMs: 600_000, because: 'ten minutes are caught up with' },
    { aheadMs: logAheadMsMax, because: 'so is an hour' },
  ])('let a start go on: $because', ({ aheadMs }) => {
    expect(() => {
      checkLogAhead(epochMs(nine + aheadMs), nine, null);
    }).not.toThrow();
  });

  it.each([logAheadMsMax + 1, 86_400_000, 365 * 86_400_000])(
    'stop a start when they are %i ms ahead, until an operator accepts it',
    (aheadMs) => {
      const latest = epochMs(nine + aheadMs);
      const check = (accepted: number | null) => () => {
        checkLogAhead(latest, nine, accepted === null ? null : epochMs(accepted));
      };
      expect(check(null)).toThrow(expect.objectContaining({ code: 'log_ahead_of_clock', retryable: false }));
      expect(check(latest - 1)).toThrow();
      const [, offered = ''] = /RINGFENCE_LOG_AHEAD_UNTIL=(\S+),/.exec(messageOf(check(null))) ?? [];
      expect(Date.parse(offered)).toBe(nine + 2 * aheadMs);
      expect(check(Date.parse(offered))).not.toThrow();
    },
  );
});

function messageOf(work: () => void): string {
  try {
    work();
  } catch (failure) {
    return failure instanceof Error ? failure.message : '';
  }
  return '';
}
