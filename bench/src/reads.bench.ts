import { setTimeout as pause } from 'node:timers/promises';
import { PlatformProcess } from '@ringfence/e2e/platform-process';
import { type Bench, type BenchRow, median, rounds } from './bench.js';
import { mainBeside } from './beside.js';
import { startRowServer } from './http/baseline-process.js';
import { type LoadResult, loadReads } from './http/load.js';
import { callTo, cpuSeconds, drained, initiatePath, issueWideKey, postmasterPid } from './http/platform.js';

const connections = 16;
const calls = 2_000;
/** The calls that are being placed at a time. */
const placedAtOnce = 32;
const warmSeconds = 3;
const seconds = 10;
/** A call that is answered after one second and hung up after two of talk. */
const wholeLife = callTo('+15005552002');
const endedWithinMs = 60_000;

type Measured = LoadResult & { readonly cpuMicros: number; readonly databaseMicros: number };
type Subject = 'this' | 'beside' | 'row';
type Round = { readonly subject: Subject } & Measured;

/**
 * Reads of one call by its id, over many calls, compared with a bare route that reads one row by its key, and with the
 * server of another checkout.
 */
export const readsBench: Bench = {
  name: 'reads',
  title: `GET of a call, ${String(connections)} connections, ${String(calls)} calls, load and server on the same cores`,
  run: async (progress) => {
    const measured: Round[] = [];
    for (let round = 1; round <= rounds; round += 1)
      for (const [subject, measure] of subjects()) {
        const found = await measure();
        measured.push({ subject, ...found });
        progress(`round ${String(round)}, ${subject}: ${text(found)}`);
      }
    return { rows: rowsOf(measured), details: measured };
  },
};

function subjects(): readonly (readonly [Subject, () => Promise<Measured>])[] {
  const others = mainBeside === undefined ? [] : [['beside', () => ofPlatform(mainBeside)] as const];
  return [['row', ofRow], ...others, ['this', () => ofPlatform(undefined)]];
}

async function ofRow(): Promise<Measured> {
  const server = await startRowServer(calls);
  try {
    const ids = Array.from({ length: calls }, (_, at) => `cs_${String(at + 1).padStart(26, '0')}`);
    return await measured({ url: server.url, key: server.key, ids }, [server.pid, await postmasterPid(server)]);
  } finally {
    await server.stop();
  }
}

async function ofPlatform(main: string | undefined): Promise<Measured> {
  const platform = await PlatformProcess.start({
    env: { RINGFENCE_LOG_LEVEL: 'warn' },
    ...(main === undefined ? {} : { main }),
  });
  try {
    const { key } = await issueWideKey(platform);
    const ids = await placeCalls(platform, key);
    await checkAnswers(platform, key, ids, true);
    const found = await measured({ url: platform.url, key, ids }, [platform.pid, await postmasterPid(platform)]);
    await checkAnswers(platform, key, ids, false);
    return found;
  } finally {
    await platform.discard();
  }
}

async function measured(
  { url, key, ids }: { readonly url: string; readonly key: string; readonly ids: readonly string[] },
  [server, database]: readonly [number, number],
): Promise<Measured> {
  const target = { url, key, paths: ids.map((id) => `/api/v1/voice/calls/${id}`), connections };
  await loadReads({ ...target, seconds: warmSeconds });
  const before = [await cpuSeconds([server]), await cpuSeconds([database])] as const;
  const result = await loadReads({ ...target, seconds });
  const after = [await cpuSeconds([server]), await cpuSeconds([database])] as const;
  const { '200': answered = 0, ...others } = result.statuses;
  if (Object.keys(others).length > 0 || result.errors > 0 || answered === 0) throw new Error(JSON.stringify(result));
  // A server's includes that of the database, which it started.
  const micros = (which: 0 | 1) => (1e6 * (after[which] - before[which])) / answered;
  return { ...result, cpuMicros: micros(0), databaseMicros: micros(1) };
}

/** Places calls, each to a number of its own. @returns their ids */
async function placeCalls(platform: PlatformProcess, key: string): Promise<readonly string[]> {
  const ids: string[] = [];
  while (ids.length < calls) {
    const placed = Array.from({ length: placedAtOnce }, () => platform.ask(key, 'POST', initiatePath, wholeLife));
    for (const { status, json } of await Promise.all(placed)) {
      if (status !== 202) throw new Error(`not placed: ${String(status)} ${JSON.stringify(json)}`);
      ids.push((json as { readonly id: string }).id);
    }
  }
  await drained(platform, endedWithinMs);
  return ids.slice(0, calls);
}

/** @throws Error if the answer of a call is not the call as it was placed and ended */
async function checkAnswers(
  platform: PlatformProcess,
  key: string,
  ids: readonly string[],
  waits: boolean,
): Promise<void> {
  for (const id of ids.filter((_, at) => at % 20 === 0)) {
    const until = performance.now() + endedWithinMs;
    for (;;) {
      const { status, json } = await platform.ask(key, 'GET', `/api/v1/voice/calls/${id}`);
      if (isWholeCall(status, json, id)) break;
      if (!waits || performance.now() > until) throw new Error(`${id}: ${String(status)} ${JSON.stringify(json)}`);
      await pause(100);
    }
  }
  if (waits) await drained(platform, endedWithinMs);
}

function isWholeCall(status: number, json: unknown, id: string): boolean {
  if (status !== 200) return false;
  const call = json as Readonly<Record<string, unknown>> & { readonly legs: readonly Record<string, unknown>[] };
  const [leg] = call.legs;
  return (
    [call, leg].every(
      (each) =>
        each !== undefined &&
        each['state'] === 'completed' &&
        each['from_number'] === wholeLife.from_number &&
        each['to_number'] === wholeLife.to_number &&
        typeof each['ended_at'] === 'string',
    ) &&
    call['id'] === id &&
    leg?.['call_session_id'] === id
  );
}

function rowsOf(measured: readonly Round[]): readonly BenchRow[] {
  const of = (subject: Subject, pick: (round: Measured) => number) =>
    median(measured.filter((round) => round.subject === subject).map(pick));
  const figures = (subject: Subject, what: string): readonly BenchRow[] => [
    { what, figure: `${String(Math.round(of(subject, ({ perSecond }) => perSecond)))}/s`, goal: '', met: null },
    {
      what: `${what}: CPU a request, of which the database`,
      figure: `${micros(of(subject, ({ cpuMicros }) => cpuMicros))}, ${micros(of(subject, ({ databaseMicros }) => databaseMicros))}`,
      goal: '',
      met: null,
    },
    { what: `${what}: p99`, figure: `${of(subject, ({ p99Ms }) => p99Ms).toFixed(1)} ms`, goal: '', met: null },
  ];
  const perSecond = (subject: Subject) => of(subject, (round) => round.perSecond);
  const toRow = perSecond('this') / perSecond('row');
  const rows = [
    ...figures('this', 'a call'),
    ...figures('row', 'bare route, a row by its key'),
    { what: 'of the bare route', figure: `${(100 * toRow).toFixed(0)} %`, goal: '≥ 50 %', met: toRow >= 0.5 },
  ];
  if (mainBeside === undefined) return rows;
  const toBeside = perSecond('this') / perSecond('beside');
  return [
    ...rows,
    ...figures('beside', 'a call (the build beside)'),
    { what: 'of the build beside', figure: `${toBeside.toFixed(2)} ×`, goal: '≥ 2.5 ×', met: toBeside >= 2.5 },
  ];
}

const micros = (value: number) => `${String(Math.round(value))} µs`;

function text({ perSecond, p99Ms, cpuMicros, databaseMicros }: Measured): string {
  return `${String(Math.round(perSecond))}/s p99 ${String(p99Ms)} ms, CPU ${micros(cpuMicros)}, database ${micros(databaseMicros)}`;
}
