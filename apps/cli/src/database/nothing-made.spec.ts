import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import pg from 'pg';
import { run } from '../program.js';

let folder: string;
let scratch: ScratchDatabase;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringfence-cli-'));
  scratch = await openScratchDatabase();
});
afterAll(async () => {
  await scratch.close();
  await rm(folder, { recursive: true, force: true });
});

async function ringfence(line: string, environment: NodeJS.ProcessEnv) {
  let err = '';
  const page = (text: (part: string) => void) =>
    new Writable({
      write: (part: Buffer, _, done) => {
        text(part.toString());
        done();
      },
    });
  const streams = { out: page(() => undefined), err: page((part) => (err += part)) };
  const secrets = { RINGFENCE_MASTER_KEY: key, RINGFENCE_PEPPER: key };
  const argv = ['node', 'ringfence', ...line.replace('DIR', join(folder, 'backup')).split(' ')];
  const code = await run(argv, { ...secrets, ...environment }, streams as unknown as Parameters<typeof run>[2]);
  return { code, err };
}
const key = `k1:${Buffer.alloc(32, 7).toString('base64')}`;

/** Commands that work on the database and need a log in it. */
const commands = [
  'replay',
  'replay --verify-only',
  'projections list',
  'projections rebuild --all',
  'projections retry accounts',
  'peppers list',
  'peppers keys k1',
  'peppers retire k1',
  'vault rewrap',
  'backup DIR',
];

describe.each(commands)('ringfence %s', (line) => {
  it('makes neither a folder nor a database where there is none', async () => {
    const dataDir = join(folder, 'none/data');
    const result = await ringfence(line, { RINGFENCE_DATA_DIR: dataDir });
    expect(result).toEqual({
      code: 1,
      err: expect.stringMatching(/^ringfence: [^\n]*\(database_not_made\)\n$/) as unknown,
    });
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  it('makes no tables in a database without a log', async () => {
    const result = await ringfence(line, { RINGFENCE_DATA_DIR: join(folder, 'none'), DATABASE_URL: scratch.url });
    const client = new pg.Client({ connectionString: scratch.url });
    await client.connect();
    const { rows } = await client.query<{ name: string }>(
      `select nspname as name from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', 'public')`,
    );
    await client.end();
    expect(rows).toEqual([]);
    expect(result).toEqual({ code: 1, err: expect.stringMatching(/^ringfence: [^\n]*\(log_missing\)\n$/) as unknown });
    expect(existsSync(join(folder, 'backup'))).toBe(false);
  });
});
