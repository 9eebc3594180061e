import { describe, expect, it } from '@jest/globals';
import { Failure } from '@ringfence/kernel/failure';
import { pino } from 'pino';
import { Metrics } from './metrics.js';
import { ServerLog } from './server-log.js';

const silent = new ServerLog(pino({ level: 'silent' }));

/** A process with a clock under the test's control. */
class Served {
  nowMs = 1_000;
  readonly #metrics = new Metrics(silent, () => this.nowMs);
  readonly projections = this.#metrics.projections;

  async lagSeconds(): Promise<Record<string, number>> {
    const text = await this.#metrics.text();
    const lines = text.matchAll(/^ringfence_projection_lag_seconds\{projection="(\w+)"\} (\S+)$/gm);
    return Object.fromEntries([...lines].map(([, name = '', seconds]) => [name, Number(seconds)]));
  }
}

describe('the lag of a projection', () => {
  it('is the age of the last event applied, and zero at the end of the log', async () => {
    const served = new Served();
    served.projections.applied('ledger', 3, 2_500);
    expect(await served.lagSeconds()).toEqual({ ledger: 2.5 });
    served.projections.idle('ledger');
    expect(await served.lagSeconds()).toEqual({ ledger: 0 });
  });

  it('grows while the projection is silent, and falls when it continues', async () => {
    const served = new Served();
    served.projections.applied('ledger', 3, 2_500);
    served.projections.idle('usage');
    served.nowMs += 60_000;
    expect(await served.lagSeconds()).toEqual({ ledger: 62.5, usage: 60 });
    served.projections.idle('usage');
    expect(await served.lagSeconds()).toEqual({ ledger: 62.5, usage: 0 });
    served.projections.applied('ledger', 1, 100);
    expect(await served.lagSeconds()).toEqual({ ledger: 0.1, usage: 0 });
  });

  it('does not grow while the projection passes events that it ignores', async () => {
    const served = new Served();
    served.projections.applied('ledger', 3, 100);
    served.nowMs += 30_000;
    served.projections.passed('ledger');
    served.nowMs += 200;
    expect(await served.lagSeconds()).toEqual({ ledger: 0.3 });
  });

  it('grows from the first failure if no event was ever applied', async () => {
    const served = new Served();
    served.projections.failed('ledger', new Failure('database_unavailable', 'away', true));
    served.projections.stopped('usage', new Failure('event_version_unknown', 'unreadable', false));
    served.nowMs += 30_000;
    served.projections.failed('ledger', new Failure('database_unavailable', 'away', true));
    expect(await served.lagSeconds()).toEqual({ ledger: 30, usage: 30 });
  });
});

describe('a renamed metric', () => {
  it('is also exposed under its former name, with the same value', async () => {
    const metrics = new Metrics(silent);
    metrics.edge.rejected('key_revoked');
    metrics.edge.rejected('key_revoked');
    metrics.rejectionReportsDropped('key_revoked', 3);
    const text = await metrics.text();
    const valueOf = (name: string) => new RegExp(`^${name}\\{code="key_revoked"\\} (\\d+)$`, 'm').exec(text)?.[1];
    expect(valueOf('ringfence_http_rejected_total')).toBe('2');
    expect(valueOf('ringfence_http_turned_away_total')).toBe('2');
    expect(valueOf('ringfence_http_rejection_reports_dropped_total')).toBe('3');
    expect(valueOf('ringfence_http_turned_away_untold_total')).toBe('3');
  });
});

describe('the names of all metrics', () => {
  it('follow the conventions of Prometheus: unit last, `_total` for counters only, and a help text each', async () => {
    const described = await new Metrics(silent).registry.getMetricsAsJSON();
    expect(described.length).toBeGreaterThan(20);
    const isCounter = (type: unknown) => String(type) === 'counter';
    expect(described.filter(({ name, type }) => isCounter(type) !== name.endsWith('_total'))).toEqual([]);
    expect(
      described.filter(({ name }) => /_(ms|milliseconds|minutes|kilobytes|percent|count|sum|bucket)$/.test(name)),
    ).toEqual([]);
    expect(described.filter(({ help }) => help.trim() === '')).toEqual([]);
  });
});
