import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CommandId, platformStream } from '@ringfence/kernel/ids';
import type { Lane } from '@ringfence/kernel/lane';
import { position, streamVersion } from '@ringfence/kernel/units';
import { keep, type KeptRun, readKept } from './kept-run.js';
import { lanesTakenFromStopped } from './coverage.js';

const lane = 7 as Lane;
const run: KeptRun = {
  seed: 11,
  faultsMs: 90_000,
  laneCount: 64,
  happened: [
    { kind: 'fault', what: 'pause begins', of: 'decider-1', order: 0, atMs: 100 },
    { kind: 'fault', what: 'pause', of: 'decider-1', order: 1, atMs: 200 },
  ],
  notes: {
    committed: [
      {
        kind: 'committed',
        append: 0,
        process: 'decider-1.1',
        streams: [platformStream],
        first: 0,
        head: 1,
        consumed: [{ lane, next: 3n, above: [], transactions: [] }],
        order: 2,
        atMs: 90,
      },
    ],
    taken: [
      { kind: 'taken', process: 'decider-1.1', lane, order: 1, atMs: 80 },
      { kind: 'taken', process: 'decider-2.1', lane, order: 3, atMs: 150 },
    ],
  },
  recorded: [
    {
      position: position(0),
      stream: platformStream,
      version: streamVersion(1),
      type: 'ringfence.example.v1',
      subject: 'example',
      bytes: Buffer.from('{}'),
    },
  ],
  outcomes: [
    {
      stream: platformStream,
      commandId: 'once' as CommandId,
      fingerprint: Buffer.from([1, 2]),
      accepted: true,
      body: Buffer.from('{}'),
      position: position(0),
    },
  ],
  topic: [{ kind: 'watermark', partition: 1, epoch: 1, previous: null, head: 1 }],
  dialled: ['evt_1'],
  tables: [{ table: 'calls.call', rows: 1, differing: [] }],
  turnovers: [{ account: 'acc', book: 'test', debitMicros: '1', creditMicros: '1' }],
  seen: ['something'],
};

describe('a run that is kept', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ringfence-kept-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is read again as it was', async () => {
    const path = join(folder, 'run.jsonl.gz');
    await keep(run, path);
    expect(await readKept(path)).toEqual(run);
  });
});

describe('a lane taken from a stopped owner', () => {
  it('is one that goes to another process while the one before is stopped', () => {
    expect(lanesTakenFromStopped(run)).toBe(1);
    const [first, second] = run.notes.taken;
    if (first === undefined || second === undefined) throw new Error('the example has two takings');
    const takenAt = (atMs: number, process: string) =>
      lanesTakenFromStopped({ ...run, notes: { ...run.notes, taken: [first, { ...second, atMs, process }] } });
    expect([takenAt(201, 'decider-2.1'), takenAt(99, 'decider-2.1'), takenAt(150, 'decider-1.1')]).toEqual([0, 0, 0]);
  });
});
