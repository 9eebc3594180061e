import type { Command } from 'commander';
import type { StreamId } from '@ringfence/kernel/ids';
import { noProjectionMetrics } from '@ringfence/projections/projection-metrics';
import { type Rebuilt, rebuildTogether } from '@ringfence/projections/rebuild';
import { retryParked, type Retried } from '@ringfence/projections/retry-parked';
import type { RunnableProjection } from '@ringfence/projections/runnable-projection';
import type { SqlDatabase } from '@ringfence/ports/sql/sql-database';
import { allProjections } from '@ringfence/read-models/projections';
import { PostgresEventStore } from '@ringfence/event-store-postgres/postgres-event-store';
import { PostgresSqlDatabase } from '@ringfence/sql-postgres/postgres-sql-database';
import { openLogDatabase } from '../database/open-database.js';
import { cliFailures } from '../failures.js';
import { streamNamed } from '../option-values.js';
import type { Shell } from '../shell.js';
import { countText } from '../terminal/amounts.js';
import type { Terminal } from '../terminal/terminal.js';
import { projectionStatuses, type ProjectionStatus } from './projection-status.js';
import { storedHistory } from './stored-history.js';

export function projectionsCommands(program: Command, shell: Shell): void {
  const projections = program
    .command('projections')
    .description('inspect and rebuild the read models (on the database)');
  projections
    .command('list')
    .description('every projection: how far it is, and what it waits for')
    .action(async () => {
      await onDatabase(shell, async (store, db) => {
        printStatuses(await projectionStatuses(db, allProjections, await store.head()), shell.terminal);
      });
    });
  projections
    .command('rebuild [name]')
    .description('rebuild from the log beside the rows in use, then swap; the server may keep running')
    .option('--all', 'every projection, in one pass over the log')
    .action(async (name: string | undefined, { all }: { readonly all?: boolean }) => {
      const chosen = namedProjections(name, all === true);
      await onDatabase(shell, async (store, db) => {
        await rebuildNamed(chosen, store, db, shell.terminal);
      });
    });
  projections
    .command('retry <name>')
    .description('retry its parked streams, each from the event that failed; the server may keep running')
    .option('--stream <stream>', 'this one alone, by its account’s id', streamNamed)
    .action(async (name: string, { stream }: { readonly stream?: StreamId }) => {
      const projection = projectionNamed(name);
      await onDatabase(shell, (store, db) => retryOne(projection, stream ?? null, store, db, shell.terminal));
    });
}

async function onDatabase(
  shell: Shell,
  work: (store: PostgresEventStore, db: SqlDatabase) => Promise<void>,
): Promise<void> {
  const { pool, close } = await openLogDatabase(shell.settings);
  try {
    const store = await PostgresEventStore.open(pool);
    try {
      await work(store, new PostgresSqlDatabase(pool));
    } finally {
      await store.close();
    }
  } finally {
    await close();
  }
}

/** @throws Failure `usage`, `projection_unknown` */
function namedProjections(name: string | undefined, all: boolean): readonly RunnableProjection[] {
  if ((name === undefined) !== all) throw cliFailures.usage('name one projection, or say --all');
  return name === undefined ? allProjections : [projectionNamed(name)];
}

/** @throws Failure `projection_unknown` */
function projectionNamed(name: string): RunnableProjection {
  const found = allProjections.find((projection) => projection.name === name);
  if (found !== undefined) return found;
  throw cliFailures.projection_unknown(
    name,
    allProjections.map((projection) => projection.name),
  );
}

/** @throws Failure `projection_of_other_release`, `stream_not_parked`, `still_parked` */
async function retryOne(
  projection: RunnableProjection,
  stream: StreamId | null,
  store: PostgresEventStore,
  db: SqlDatabase,
  terminal: Terminal,
): Promise<void> {
  const { name, version } = projection;
  const [status] = await projectionStatuses(db, [projection], await store.head());
  const built = status?.builtVersion ?? null;
  if (built !== version) throw cliFailures.projection_of_other_release(name, built, version);
  const retried = await retryParked(projection, stream, { db, history: storedHistory(store) });
  if (stream !== null && retried.length === 0) throw cliFailures.stream_not_parked(name, stream);
  printRetried(name, retried, terminal);
  const again = retried.filter(({ caughtUp }) => !caughtUp).length;
  if (again > 0) throw cliFailures.still_parked(name, again);
}

function printRetried(name: string, retried: readonly Retried[], terminal: Terminal): void {
  if (terminal.json) {
    for (const { stream, caughtUp, reason } of retried)
      terminal.line(JSON.stringify({ name, stream, caught_up: caughtUp, reason }));
    return;
  }
  if (retried.length === 0) terminal.note(`no stream of ${name} is parked`);
  else
    terminal.table(
      ['stream', 'is now', 'because'],
      retried.map(({ stream, caughtUp, reason }) => [
        stream,
        caughtUp ? terminal.paint('green', 'caught up') : terminal.paint('red', 'parked'),
        reason ?? '',
      ]),
    );
}

/** @throws what failed first, after printing what succeeded */
async function rebuildNamed(
  projections: readonly RunnableProjection[],
  store: PostgresEventStore,
  db: SqlDatabase,
  terminal: Terminal,
): Promise<void> {
  const [first] = projections;
  const title = projections.length === 1 && first !== undefined ? first.name : `${projections.length} projections`;
  const began = performance.now();
  const bar = terminal.progress(title.padEnd(14), await store.head());
  const onProgress = (next: number) => {
    bar.at(next, `${countText(perSecond(next, performance.now() - began))} events/s`);
  };
  const parts = { db, history: storedHistory(store), metrics: noProjectionMetrics, onProgress };
  const results = await rebuildTogether(projections, parts).finally(() => {
    bar.end();
  });
  for (const [index, { name }] of projections.entries()) {
    const result = results[index];
    if (result?.status === 'fulfilled') printRebuilt(name, result.value, terminal);
  }
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return;
  const left = projections.filter((_, index) => results[index]?.status === 'rejected').map(({ name }) => name);
  if (projections.length > 1) terminal.note(`not rebuilt: ${left.join(', ')}`);
  throw failed.reason;
}

function printRebuilt(name: string, { events, generation, durationMs }: Rebuilt, terminal: Terminal): void {
  const speed = perSecond(events, durationMs);
  if (terminal.json) {
    const eventsPerSecond = Math.round(speed);
    terminal.line(
      JSON.stringify({ name, events, generation, duration_ms: durationMs, events_per_second: eventsPerSecond }),
    );
    return;
  }
  terminal.line(
    `${terminal.paint('green', '✓')} ${name.padEnd(14)} ${countText(events)} events, generation ${String(generation)}, ` +
      `${countText(durationMs)} ms, ${countText(speed)} events/s`,
  );
}

function perSecond(events: number, durationMs: number): number {
  return events / Math.max(durationMs / 1000, 0.001);
}

function printStatuses(found: readonly ProjectionStatus[], terminal: Terminal): void {
  if (terminal.json) {
    for (const { name, version, builtVersion, generation, position, behind, parkedStreams } of found)
      terminal.line(
        JSON.stringify({
          name,
          version,
          built_version: builtVersion,
          generation,
          position,
          behind,
          parked_streams: parkedStreams,
        }),
      );
    return;
  }
  const rows = found.map(({ name, version, builtVersion, generation, position, behind, parkedStreams }) => [
    name,
    builtVersion === version
      ? String(version)
      : terminal.paint('yellow', `${String(builtVersion ?? '-')} → ${String(version)}`),
    generation === null ? '-' : String(generation),
    position === null ? '-' : countText(position),
    behind === 0 ? terminal.paint('green', '0') : terminal.paint('yellow', countText(behind)),
    parkedStreams === 0 ? '0' : terminal.paint('red', countText(parkedStreams)),
  ]);
  terminal.table(['projection', 'version', 'generation', 'position', 'behind', 'parked'], rows, [2, 3, 4, 5]);
}
