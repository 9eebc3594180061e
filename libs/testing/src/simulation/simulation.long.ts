import { expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judgeInProcesses } from '@ringfence/testing/simulation/seed-processes';
import { parseSeedRange } from './seed-range.js';
import { simulate } from './simulation.js';

const range = parseSeedRange(process.env['SIMULATION_SEEDS'] ?? '1-100000');

it(`a simulated cluster keeps its promises in seeds ${String(range.first)} to ${String(range.last)}`, async () => {
  const { wrong } = await judgeInProcesses(range);
  if (range.first === range.last) await keepHistory(range.first);
  expect(wrong).toEqual([]);
});

/** Writes the history of a run, one line per occurrence, for a look into a seed. */
async function keepHistory(seed: number): Promise<void> {
  const path = join(tmpdir(), `ringfence-simulation-${String(seed)}.jsonl`);
  await writeFile(path, (await simulate(seed)).recording.toText());
  console.error(`the history of seed ${String(seed)} is in ${path}`);
}
