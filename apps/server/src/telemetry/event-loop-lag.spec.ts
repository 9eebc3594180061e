import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { reportEventLoopLag } from './event-loop-lag.js';

async function lagsOf(registry: Registry): Promise<Readonly<Record<string, number>>> {
  const lines = (await registry.metrics()).matchAll(/^ringfence_nodejs_eventloop_lag_(\w+)_seconds (\S+)$/gm);
  return Object.fromEntries([...lines].map(([, figure = '', seconds]) => [figure, Number(seconds)]));
}

describe('the lag of the event loop', () => {
  it('is what samples took longer than their interval, since it was last read', async () => {
    const registry = new Registry();
    let count = 0;
    reportEventLoopLag(registry, {
      ...{ min: 40e6, max: 350e6, mean: 60e6, stddev: 5e6 },
      percentile: (share) => share * 1e6,
      get count() {
        return count;
      },
      reset: () => {
        count = 0;
      },
    });
    expect((await lagsOf(registry))['max']).toBe(0);
    count = 2;
    const { min, max, mean, stddev, p50, p90, p99 } = await lagsOf(registry);
    expect([min, max, mean, stddev, p50, p90, p99].map((each) => each?.toFixed(3))).toEqual([
      '0.000',
      '0.300',
      '0.010',
      '0.005',
      '0.000',
      '0.040',
      '0.049',
    ]);
    expect((await lagsOf(registry))['max']).toBe(0);
  });

  it('shows that the loop was held up', async () => {
    const registry = new Registry();
    reportEventLoopLag(registry);
    // The next sample comes late, once there was a first.
    for (let max = 0; max < 0.2; max = (await lagsOf(registry))['max'] ?? 0) {
      await pause(60);
      const until = performance.now() + 300;
      while (performance.now() < until);
      await pause(60);
    }
  });
});
