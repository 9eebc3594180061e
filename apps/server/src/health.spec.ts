import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClockFault } from '@ringfence/lanes/lane-clock';
import { Failure } from '@ringfence/kernel/failure';
import { openPool } from '@ringfence/sql-postgres/pool';
import { PostgresSqlDatabase } from '@ringfence/sql-postgres/postgres-sql-database';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { FakeClock } from '@ringfence/testing/fake-clock';
import type { Pool } from 'pg';
import { pino } from 'pino';
import { PlatformHealth } from './health.js';
import { Metrics } from './telemetry/metrics.js';
import { ReactorWatch } from './telemetry/reactor-watch.js';
import { ServerLog } from './telemetry/server-log.js';

const unreadable = new Failure('event_version_unknown', 'a newer release has written this', false);
const away = new Failure('event_store_unavailable', 'away', true);

let scratch: ScratchDatabase;
let pool: Pool;

beforeAll(async () => {
  scratch = await openScratchDatabase();
  pool = openPool(scratch.url, { connectionsMax: 1 });
});
afterAll(async () => {
  await pool.end();
  await scratch.close();
});

function ofProcess() {
  const lines: string[] = [];
  const log = new ServerLog(pino({ level: 'info' }, { write: (line: string) => lines.push(line) }));
  const clock = new FakeClock();
  return { health: new PlatformHealth(clock, new PostgresSqlDatabase(pool)), clock, log, lines };
}

describe('readiness', () => {
  it('omits parts that the process does not have', async () => {
    const { health } = ofProcess();
    expect(await health.parts()).toEqual({ process: null, database: null, clock: null });
  });

  it('names every reactor that has stopped, and an error in the log says why', async () => {
    const { health, log, lines } = ofProcess();
    const reactors = new ReactorWatch(log);
    health.watchStopped('reactors', () => reactors.stoppedReactors);
    expect(await health.parts()).toEqual({ process: null, database: null, clock: null, reactors: null });
    reactors.onRetryableError('carrier', away);
    expect(await health.parts()).toMatchObject({ reactors: null });
    reactors.stopped('carrier', unreadable);
    expect(await health.parts()).toMatchObject({ reactors: 'stopped: carrier' });
    reactors.stopped('erasure', unreadable);
    expect(await health.parts()).toMatchObject({ reactors: 'stopped: carrier, erasure' });
    const [retried, ...stopped] = lines.map((line) => JSON.parse(line) as { level: number; reactor: string });
    expect(retried).toMatchObject({ level: pino.levels.values['warn'], event: 'reactor_error' });
    expect(stopped).toMatchObject([
      { event: 'reactor_stopped', reactor: 'carrier', err: { code: 'event_version_unknown' } },
      { level: pino.levels.values['error'], reactor: 'erasure', runbook: 'docs/runbooks.md#reactor_stopped' },
    ]);
  });

  it('reports a step of the clock until it is adopted, and a clock fault of the lanes', async () => {
    const { health, clock } = ofProcess();
    clock.stepMs = -600_000;
    expect(await health.parts()).toMatchObject({ clock: 'was set, and it is not clear yet whether it is right' });
    clock.stepMs = null;
    expect(await health.parts()).toMatchObject({ clock: null });
    const decider = { owns: true, fault: 'off_store' as ClockFault | null };
    health.watchDecider({ ownsLanes: () => decider.owns, clockFault: () => decider.fault });
    expect(await health.parts()).toMatchObject({ clock: 'is not that of the database', lanes: null });
    decider.fault = null;
    decider.owns = false;
    expect(await health.parts()).toMatchObject({ clock: null, lanes: 'belong to another process' });
  });

  it('names every projection that has stopped', async () => {
    const { health, log } = ofProcess();
    const metrics = new Metrics(log);
    health.watchStopped('projections', () => metrics.stoppedProjections.keys());
    expect(await health.parts()).toMatchObject({ projections: null });
    metrics.projections.stopped('ledger', unreadable);
    expect(await health.parts()).toMatchObject({ projections: 'stopped: ledger' });
  });

  it('is false once the process stops', async () => {
    const { health } = ofProcess();
    health.beginStop();
    expect(health.isStopping).toBe(true);
    expect(await health.parts()).toMatchObject({ process: 'is stopping' });
  });
});
