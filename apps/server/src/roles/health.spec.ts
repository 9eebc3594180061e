import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClockTrouble } from '@ringfence/lanes/lane-clock';
import { Failure } from '@ringfence/kernel/failure';
import { openPool } from '@ringfence/sql-postgres/pool';
import { PostgresSqlDatabase } from '@ringfence/sql-postgres/postgres-sql-database';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { FakeClock } from '@ringfence/testing/fake-clock';
import type { Pool } from 'pg';
import { pino } from 'pino';
import { Metrics } from '../telemetry/metrics.js';
import { ReactorWatch } from '../telemetry/reactor-watch.js';
import type { Decider } from './decider.role.js';
import { PlatformHealth } from './health.js';

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

type Plays = { readonly projects: boolean; readonly reacts: boolean; readonly clockTrouble?: Decider['clockTrouble'] };

function processOf(plays: Plays) {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) });
  const metrics = new Metrics(log);
  const reactors = new ReactorWatch(log);
  const clock = new FakeClock();
  const { clockTrouble } = plays;
  const decider = clockTrouble === undefined ? null : { ownsLanes: () => true, clockTrouble };
  const foundation = { clock, metrics, db: new PostgresSqlDatabase(pool) };
  const parts = { decider, registry: null, projects: plays.projects, reactors: plays.reacts ? reactors : null };
  return { health: new PlatformHealth(foundation, parts), clock, metrics, reactors, lines };
}

describe('readiness', () => {
  it('has no part that the process does not play', async () => {
    const { health } = processOf({ projects: false, reacts: false });
    expect(await health.parts()).toEqual({ process: null, database: null, clock: null });
  });

  it('names every reactor that stands still, and an error in the log says why', async () => {
    const { health, reactors, lines } = processOf({ projects: false, reacts: true });
    expect(await health.parts()).toEqual({ process: null, database: null, clock: null, reactors: null });
    reactors.onRetryableError('carrier', away);
    expect(await health.parts()).toMatchObject({ reactors: null });
    reactors.stopped('carrier', unreadable);
    expect(await health.parts()).toMatchObject({ reactors: 'stand still: carrier' });
    reactors.stopped('erasure', unreadable);
    expect(await health.parts()).toMatchObject({ reactors: 'stand still: carrier, erasure' });
    const [trouble, ...stopped] = lines.map((line) => JSON.parse(line) as { level: number; reactor: string });
    expect(trouble).toMatchObject({ level: pino.levels.values['warn'] });
    expect(stopped).toMatchObject([
      { level: pino.levels.values['error'], reactor: 'carrier', err: { code: 'event_version_unknown' } },
      { level: pino.levels.values['error'], reactor: 'erasure' },
    ]);
  });

  it('says that the clock was set while that is not taken over, and what the lanes say of it', async () => {
    const { health, clock } = processOf({ projects: false, reacts: false });
    clock.stepMs = -600_000;
    expect(await health.parts()).toMatchObject({ clock: 'was set, and it is not clear yet whether it is right' });
    clock.stepMs = null;
    expect(await health.parts()).toMatchObject({ clock: null });
    const trouble = { of: 'off_store' as ClockTrouble | null };
    const decides = processOf({ projects: false, reacts: false, clockTrouble: () => trouble.of }).health;
    expect(await decides.parts()).toMatchObject({ clock: 'is not that of the database', lanes: null });
    trouble.of = null;
    expect(await decides.parts()).toMatchObject({ clock: null });
  });

  it('names every projection that stands still', async () => {
    const { health, metrics } = processOf({ projects: true, reacts: false });
    expect(await health.parts()).toMatchObject({ projections: null });
    metrics.projections.stopped('ledger', unreadable);
    expect(await health.parts()).toMatchObject({ projections: 'stand still: ledger' });
  });
});
