import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import pg from 'pg';
import { PlatformProcess, runToEnd } from './platform-process.js';

const oneLine = (what: RegExp) => ({
  code: 2,
  stdout: '',
  stderr: expect.stringMatching(new RegExp(`^ringfence: [^\\n]*${what.source}[^\\n]*\\n$`)) as unknown,
});

describe('a database that the platform cannot work with', () => {
  let scratch: ScratchDatabase;
  let top: string;
  beforeAll(async () => {
    scratch = await openScratchDatabase();
    top = await mkdtemp(join(tmpdir(), 'ringfence-e2e-'));
  });
  afterAll(async () => {
    await scratch.close();
    await rm(top, { recursive: true, force: true });
  });

  const ask = async (url: string, sql: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<Record<string, unknown>>(sql);
    await client.end();
    return Object.values(rows[0] ?? {})[0];
  };
  const made = async (name: string) => {
    await ask(scratch.url, `create database ${name}`);
    const url = new URL(scratch.url);
    url.pathname = `/${name}`;
    return url.href;
  };

  it('because it is read-only is refused in one line, and nothing is written anywhere', async () => {
    const url = await made('shut');
    await ask(scratch.url, 'alter database shut set default_transaction_read_only = on');
    const dataDir = join(top, 'a/b');
    expect(await runToEnd({ DATABASE_URL: url }, dataDir)).toMatchObject(oneLine(/is read-only/));
    expect(existsSync(join(top, 'a'))).toBe(false);
    expect(
      await ask(url, `select count(*)::int from pg_namespace where nspname in ('log', 'vault', 'projection')`),
    ).toBe(0);
  });

  it('because its URL names several hosts is refused in one line', async () => {
    const [one, two] = ['postgres://u:secret@10.0.0.1,10.0.0.2/d', 'postgres://u:secret@10.0.0.1:1,10.0.0.2:2/d'];
    for (const url of [one, two]) {
      const ended = await runToEnd({ DATABASE_URL: url }, join(top, 'c'));
      expect(ended).toMatchObject(oneLine(/DATABASE_URL must be [^\n]* of one host/));
      expect(ended.stderr).not.toContain('secret');
    }
  });

  it('because it holds another log than the data folder’s, or none, is refused, and has nothing written to it', async () => {
    const [ours, empty] = [await made('ours'), await made('blank')];
    const platform = await PlatformProcess.start({ env: { DATABASE_URL: ours } });
    await platform.stop();
    expect(await runToEnd({ DATABASE_URL: empty }, platform.dataDir)).toMatchObject(oneLine(/holds no log/));
    expect(await ask(empty, `select count(*)::int from pg_namespace where nspname = 'log'`)).toBe(0);
    expect(await runToEnd({}, platform.dataDir)).toMatchObject(oneLine(/holds no log/));
    expect(existsSync(join(platform.dataDir, 'postgres'))).toBe(false);
    const other = await PlatformProcess.start({ env: { DATABASE_URL: empty } });
    await other.stop();
    expect(await runToEnd({ DATABASE_URL: empty }, platform.dataDir)).toMatchObject(oneLine(/holds the log log_/));
    // Without its secrets a folder that knows no log makes none for one that there is.
    const fresh = await runToEnd({ DATABASE_URL: ours }, join(top, 'd'));
    expect(fresh).toMatchObject(oneLine(/(master-key|pepper) is missing, and the database holds the log log_/));
    expect(existsSync(join(top, 'd'))).toBe(false);
    await platform.discard();
    await other.discard();
  });
});
