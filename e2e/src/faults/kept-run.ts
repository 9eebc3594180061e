import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { RecordedEvent, RecordedOutcome } from '@ringfence/ports/log/event-store';
import type { Evidence, Of } from '@ringfence/testing/checkers/evidence';
import type { Recorded } from '@ringfence/testing/checkers/recording';
import type { TopicRecord } from '@ringfence/testing/checkers/topic-judge';
import type { Notes } from './observer.js';

export type BookTurnover = {
  readonly account: string;
  readonly book: string;
  readonly debitMicros: string;
  readonly creditMicros: string;
};
/** Comparison of one table of a read model. `differing`: some of the rows that are in only one of the two. */
export type TableCompared = { readonly table: string; readonly rows: number; readonly differing: readonly string[] };

/** The record of a run, which the checker judges, now or after it is read from a file. */
export type KeptRun = {
  readonly seed: number;
  readonly faultsMs: number;
  readonly laneCount: number;
  /** Requests and answers of clients, faults with their moments, and reports of broken invariants. */
  readonly happened: readonly Recorded[];
  readonly notes: Notes;
  readonly recorded: readonly RecordedEvent[];
  readonly outcomes: readonly RecordedOutcome[];
  readonly topic: readonly TopicRecord[];
  /** Attempts in the order in which the carrier dialled them. */
  readonly dialled: readonly string[];
  readonly tables: readonly TableCompared[];
  readonly turnovers: readonly BookTurnover[];
  /** Findings that need no further judgement: commands without an outcome, lines that are not free. */
  readonly seen: readonly string[];
};

export function happenings<Kind extends Recorded['kind']>({ happened }: KeptRun, kind: Kind): Of<Kind> {
  return happened.filter((each): each is Extract<Recorded, { readonly kind: Kind }> => each.kind === kind);
}

export function evidenceOf(run: KeptRun): Evidence {
  return {
    laneCount: run.laneCount,
    recorded: run.recorded,
    events: run.recorded.map(decodeRecorded),
    outcomes: run.outcomes,
    asked: happenings(run, 'asked'),
    answered: happenings(run, 'answered'),
    committed: run.notes.committed,
    taken: run.notes.taken,
    broken: happenings(run, 'broken'),
  };
}

/** Writes one line per record. */
export async function keep(run: KeptRun, path: string): Promise<void> {
  await pipeline(Readable.from(linesOf(run)), createGzip(), createWriteStream(path));
}

export async function readKept(path: string): Promise<KeptRun> {
  const file = createReadStream(path);
  let head: Pick<KeptRun, 'seed' | 'faultsMs' | 'laneCount'> | undefined;
  const lists: Record<ListName, unknown[]> = {
    happened: [],
    committed: [],
    taken: [],
    recorded: [],
    outcomes: [],
    topic: [],
    dialled: [],
    tables: [],
    turnovers: [],
    seen: [],
  };
  for await (const line of createInterface(file.pipe(createGunzip()))) {
    // Written by `keep`.
    const [list, value] = JSON.parse(line, revive) as [ListName | 'run', unknown];
    if (list === 'run') head = value as typeof head;
    else lists[list].push(value);
  }
  if (head === undefined) throw new Error(`${path} holds no run`);
  const { committed, taken, ...rest } = lists;
  return { ...head, ...rest, notes: { committed, taken } } as unknown as KeptRun;
}

type ListName = Exclude<keyof KeptRun, 'seed' | 'faultsMs' | 'laneCount' | 'notes'> | keyof Notes;

function* linesOf({ seed, faultsMs, laneCount, notes, ...lists }: KeptRun): Generator<string> {
  yield line('run', { seed, faultsMs, laneCount });
  for (const [name, values] of Object.entries({ ...lists, ...notes }))
    for (const value of values) yield line(name, value);
}

function line(list: string, value: unknown): string {
  return `${JSON.stringify([list, value], replace)}\n`;
}

function replace(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { bigint: String(value) };
  // Buffers have their own JSON form.
  return value;
}

function revive(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('bigint' in value && typeof value.bigint === 'string') return BigInt(value.bigint);
  if ('type' in value && value.type === 'Buffer' && 'data' in value) return Buffer.from(value.data as number[]);
  return value;
}
