import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';

/**
 * Interval at which the event loop's delay is sampled. Each sample wakes the process: at prom-client's 10 ms that was
 * most of what an idle one did.
 */
const sampleEveryMs = 50;
/** Interval for the samples that prom-client itself would take: never. */
export const neverMs = 2 ** 31 - 1;

type Delays = Pick<
  ReturnType<typeof monitorEventLoopDelay>,
  'count' | 'min' | 'max' | 'mean' | 'stddev' | 'percentile' | 'reset'
>;
type Figure = { readonly name: string; readonly help: string; readonly seconds: (delays: Delays) => number };

const figures: readonly Figure[] = [
  { name: 'min', help: 'The minimum recorded event loop delay.', seconds: ({ min }) => delaySeconds(min) },
  { name: 'max', help: 'The maximum recorded event loop delay.', seconds: ({ max }) => delaySeconds(max) },
  { name: 'mean', help: 'The mean of the recorded event loop delays.', seconds: ({ mean }) => delaySeconds(mean) },
  {
    name: 'stddev',
    help: 'The standard deviation of the recorded event loop delays.',
    seconds: ({ stddev }) => stddev / 1e9,
  },
  ...[50, 90, 99].map((share) => ({
    name: `p${String(share)}`,
    help: `The ${String(share)}th percentile of the recorded event loop delays.`,
    seconds: (delays: Delays) => delaySeconds(delays.percentile(share)),
  })),
];

/** Returns the delay of a sample: what its interval took longer than it should have. */
function delaySeconds(intervalNs: number): number {
  return Math.max(0, intervalNs / 1e9 - sampleEveryMs / 1_000);
}

/** Reports the event loop's delays since the last report, in the place of prom-client's metrics of the same names. */
export function reportEventLoopLag(registry: Registry, delays: Delays = sampledDelays()): void {
  const gauges = figures.map(({ name: figure, help, seconds }, at) => {
    const name = `ringfence_nodejs_eventloop_lag_${figure}_seconds`;
    registry.removeSingleMetric(name);
    const report = () => {
      for (const each of gauges) each.report();
      delays.reset();
    };
    // The first of them to be collected collects all.
    const gauge = new Gauge({ name, help, registers: [registry], ...(at === 0 ? { collect: report } : {}) });
    return {
      report: () => {
        gauge.set(delays.count === 0 ? 0 : seconds(delays));
      },
    };
  });
}

function sampledDelays(): Delays {
  const delays = monitorEventLoopDelay({ resolution: sampleEveryMs });
  delays.enable();
  return delays;
}
