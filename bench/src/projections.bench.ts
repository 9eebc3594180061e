import { EventFeed } from '@ringfence/event-feed/event-feed';
import { PostgresEventStore } from '@ringfence/event-store-postgres/postgres-event-store';
import { type EpochMs, position, type Position } from '@ringfence/kernel/units';
import { dump } from '@ringfence/projections/dump';
import { ProjectionEngine } from '@ringfence/projections/projection-engine';
import { noProjectionMetrics } from '@ringfence/projections/projection-metrics';
import { ProjectionProgress } from '@ringfence/projections/projection-progress';
import { rebuildTogether } from '@ringfence/projections/rebuild';
import type { RunnableProjection } from '@ringfence/projections/runnable-projection';
import { allProjections } from '@ringfence/read-models/projections';
import { openPool } from '@ringfence/sql-postgres/pool';
import { PostgresSqlDatabase } from '@ringfence/sql-postgres/postgres-sql-database';
import { openScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { GeneratedHistory } from '@ringfence/testing/generated-history';
import { createHash } from 'node:crypto';
import { type Bench, type BenchRow, median, rounds } from './bench.js';

/** Events of the history; RINGFENCE_BENCH_EVENTS changes it. */
const eventsDefault = 200_000;
const liveEvents = 20_000;
const rebuildPerSecondGoal = 20_000;
/** Goal of all projections in one pass: the work of each, and the log read once. */
const rebuildAllPerSecondGoal = 8_000;
const livePerSecondGoal = 4_000;

type Setting = { readonly db: PostgresSqlDatabase; readonly store: PostgresEventStore; readonly feed: EventFeed };

const allInOnePass = `all ${String(allProjections.length)} in one pass`;
const clock = { now: () => Date.now() as EpochMs };

/** Rebuild of each projection and of all in one pass, and all of them following together. */
export const projectionsBench: Bench = {
  name: 'projections',
  title: 'Projections: rebuild of each over a history of real event shapes, and all of them following the log',
  run: async (progress) => {
    const events = Number(process.env['RINGFENCE_BENCH_EVENTS'] ?? eventsDefault);
    const scratch = await openScratchDatabase({ durable: true });
    const pool = openPool(scratch.url);
    const store = await PostgresEventStore.open(pool);
    const running = new AbortController();
    const feed = new EventFeed(store, clock, (failure) => {
      progress(`the feed failed: ${String(failure)}`);
    });
    const setting = { db: new PostgresSqlDatabase(pool), store, feed };
    const following = feed.run(running.signal);
    try {
      const history = new GeneratedHistory();
      await history.appendTo(store, events);
      progress(`${String(events)} events appended`);
      const followed = await follow(setting, events, history);
      progress(
        `all ${String(allProjections.length)} together: ${figure(followed.caughtUpPerSecond)} events/s catching up`,
      );
      const rebuilt = new Map<string, number[]>();
      const add = (name: string, perSecond: number, round: number): void => {
        rebuilt.set(name, [...(rebuilt.get(name) ?? []), perSecond]);
        progress(`round ${String(round)}: ${name} ${figure(perSecond)} events/s`);
      };
      for (let round = 1; round <= rounds; round += 1) {
        for (const projection of allProjections) {
          add(projection.name, await rebuildPerSecond(setting, [projection]), round);
        }
        add(allInOnePass, await rebuildPerSecond(setting, allProjections), round);
      }
      return { rows: rowsOf(rebuilt, followed), details: { events, rebuilt: Object.fromEntries(rebuilt), followed } };
    } finally {
      running.abort();
      await following;
      await store.close();
      await pool.end();
      await scratch.close();
    }
  },
};

/** Rebuilds projections in one pass, and checks that they give the same rows as before. */
async function rebuildPerSecond({ db, feed }: Setting, projections: readonly RunnableProjection[]): Promise<number> {
  const before = await digestsOf(db, projections);
  const began = performance.now();
  const results = await rebuildTogether(projections, { db, history: feed, metrics: noProjectionMetrics });
  const tookMs = performance.now() - began;
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  const after = await digestsOf(db, projections);
  for (const [name, digest] of before)
    if (after.get(name) !== digest) throw new Error(`the rebuild of ${name} gave other rows`);
  return ((await feed.head()) / tookMs) * 1_000;
}

async function digestsOf(
  db: PostgresSqlDatabase,
  projections: readonly RunnableProjection[],
): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for (const { name } of projections) digests.set(name, await digestOf(db, name));
  return digests;
}

type Followed = {
  readonly caughtUpPerSecond: number;
  readonly livePerSecond: number;
  readonly cpuMsPerThousandEvents: number;
};

/** Measures from nothing to the end of the log, then along with new events at the rate of the goal. */
async function follow({ db, store, feed }: Setting, events: number, history: GeneratedHistory): Promise<Followed> {
  const running = new AbortController();
  const progress = new ProjectionProgress(db);
  const parts = { db, source: feed, history: feed, clock, metrics: noProjectionMetrics, progress };
  const engine = new ProjectionEngine(allProjections, parts);
  await engine.prepare();
  const names = allProjections.map(({ name }) => name);
  const reached = async (below: Position): Promise<void> => {
    if (!(await progress.waitFor(names, below, 600_000))) throw new Error('the projections did not catch up');
  };
  const began = performance.now();
  const following = engine.run(running.signal);
  await reached(position(events));
  const caughtUpPerSecond = (events / (performance.now() - began)) * 1_000;
  const liveBegan = performance.now();
  const cpuBefore = process.cpuUsage();
  const step = livePerSecondGoal / 20;
  for (let appended = 0; appended < liveEvents; appended += step) {
    const due = liveBegan + (appended / livePerSecondGoal) * 1_000;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    await history.appendTo(store, step);
  }
  await reached(position(events + liveEvents));
  const livePerSecond = (liveEvents / (performance.now() - liveBegan)) * 1_000;
  const cpu = process.cpuUsage(cpuBefore);
  running.abort();
  await following;
  return { caughtUpPerSecond, livePerSecond, cpuMsPerThousandEvents: (cpu.user + cpu.system) / liveEvents };
}

async function digestOf(db: PostgresSqlDatabase, name: string): Promise<string> {
  const hash = createHash('sha256');
  const checkpoint = await dump(db, name, (line) => hash.update(`${line}\n`));
  return `${String(checkpoint)} ${hash.digest('hex')}`;
}

function rowsOf(rebuilt: ReadonlyMap<string, readonly number[]>, followed: Followed): readonly BenchRow[] {
  const rows = [...rebuilt].map(([name, figures]) => {
    const perSecond = median(figures);
    const goal = name === allInOnePass ? rebuildAllPerSecondGoal : rebuildPerSecondGoal;
    return {
      what: `rebuild of ${name}`,
      figure: `${figure(perSecond)} events/s`,
      goal: `≥ ${figure(goal)} events/s`,
      met: perSecond >= goal,
    };
  });
  return [
    ...rows,
    {
      what: `all ${String(allProjections.length)} together, catching up`,
      figure: `${figure(followed.caughtUpPerSecond)} events/s`,
      goal: `≥ ${figure(livePerSecondGoal)} events/s`,
      met: followed.caughtUpPerSecond >= livePerSecondGoal,
    },
    {
      what: `all together, following ${figure(livePerSecondGoal)} events/s`,
      figure: `${figure(followed.livePerSecond)} events/s`,
      goal: 'keeps up',
      met: followed.livePerSecond >= livePerSecondGoal * 0.95,
    },
    {
      what: 'our process meanwhile (appending too)',
      figure: `${followed.cpuMsPerThousandEvents.toFixed(1)} ms CPU per 1,000 events`,
      goal: '',
      met: null,
    },
  ];
}

function figure(perSecond: number): string {
  return Math.round(perSecond).toLocaleString('en');
}
