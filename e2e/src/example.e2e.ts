import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClusterOfProcesses } from './cluster-of-processes.js';

const example = fileURLToPath(new URL('../../examples/appointment-reminders/dist/main.js', import.meta.url));
const startWithinMs = 300_000;

let cluster: ClusterOfProcesses;
let folder: string;

/** Runs the example as examples/appointment-reminders/README.md says; only the folders are the test's own. */
async function remind(): Promise<readonly string[]> {
  const env = {
    PATH: process.env['PATH'],
    RINGFENCE_URL: cluster.urls[0],
    KAFKA_BROKERS: cluster.brokers.join(','),
    RINGFENCE_DATA_DIR: cluster.dataDir,
    REMINDERS_DIR: folder,
  };
  const { stdout } = await promisify(execFile)(process.execPath, [example], { env });
  return stdout.trim().split('\n');
}

describe('the example service', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ringfence-example-'));
    cluster = await ClusterOfProcesses.start();
  }, startWithinMs);
  afterAll(async () => {
    await cluster.discard();
    await rm(folder, { recursive: true, force: true });
  }, startWithinMs);

  it('calls everybody, says what each call cost, and calls nobody again on the same day', async () => {
    const first = await remind();
    expect(first.filter((line) => line.includes('is being called'))).toHaveLength(3);
    const costs = first.filter((line) => line.includes('and cost')).sort();
    expect(costs).toEqual([
      expect.stringMatching(/^mon-0900 Mrs Lovelace ended with callee_hangup and cost 0\.002000 \(cs_\w+\)$/),
      expect.stringMatching(/^mon-0930 Mr Turing ended with busy and cost 0\.000000 \(cs_\w+\)$/),
      expect.stringMatching(/^mon-1000 Mrs Hopper ended with callee_hangup and cost 0\.002000 \(cs_\w+\)$/),
    ]);
    const again = await remind();
    expect(again.filter((line) => line.includes('was called before today'))).toHaveLength(3);
    expect(again.filter((line) => line.includes('and cost')).sort()).toEqual(costs);
  }, 120_000);
});
