import { describe, expect, it } from '@jest/globals';
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { exportedMetrics } from './otlp-metrics.js';

async function exportOf(fill: (registers: Registry[]) => void) {
  const registry = new Registry();
  fill([registry]);
  const { resourceMetrics, errors } = await exportedMetrics(registry).collect();
  const points = resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
    metrics.map(({ descriptor, dataPoints }) => ({
      name: descriptor.name,
      points: dataPoints.map(({ attributes, value }) => ({ attributes, value })),
    })),
  );
  return { points, errors };
}

describe('metrics for a collector', () => {
  it('have the same value for each label as Prometheus', async () => {
    const { points, errors } = await exportOf((registers) => {
      const refused = new Counter({ name: 'refused_total', help: '-', labelNames: ['code'], registers });
      refused.inc({ code: 'rate_limited' }, 3);
      refused.inc({ code: 'no_route' });
      new Gauge({ name: 'waiting', help: '-', registers, collect: waitingFour }).set(0);
    });
    expect(points).toEqual([
      {
        name: 'refused_total',
        points: [
          { attributes: { code: 'rate_limited' }, value: 3 },
          { attributes: { code: 'no_route' }, value: 1 },
        ],
      },
      { name: 'waiting', points: [{ attributes: {}, value: 4 }] },
    ]);
    expect(errors).toEqual([]);
  });

  it('count a histogram between its bounds, not up to them, and lose nothing above the last', async () => {
    const { points } = await exportOf((registers) => {
      const took = new Histogram({ name: 'took', help: '-', labelNames: ['route'], buckets: [1, 2, 4], registers });
      for (const value of [0.5, 1, 1.5, 3, 100]) took.observe({ route: 'a' }, value);
      took.observe({ route: 'b' }, 2);
    });
    const buckets = (counts: number[]) => ({ boundaries: [1, 2, 4], counts });
    expect(points).toEqual([
      {
        name: 'took',
        points: [
          { attributes: { route: 'a' }, value: { buckets: buckets([2, 1, 1, 1]), sum: 106, count: 5 } },
          { attributes: { route: 'b' }, value: { buckets: buckets([0, 1, 0, 0]), sum: 2, count: 1 } },
        ],
      },
    ]);
  });

  it('omit values that JSON cannot represent, and report metrics that cannot be exported', async () => {
    const { points, errors } = await exportOf((registers) => {
      new Gauge({ name: 'lag', help: '-', registers }).set(Number.NaN);
      new Summary({ name: 'sizes', help: '-', registers }).observe(1);
    });
    expect(points).toEqual([{ name: 'lag', points: [] }]);
    expect(errors.map(String)).toEqual(['Error: sizes is of a kind that is not exported']);
  });
});

function waitingFour(this: Gauge): void {
  this.set(4);
}
