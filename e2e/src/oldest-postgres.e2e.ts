import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import pg from 'pg';
import { PlatformProcess, runToEnd } from './platform-process.js';

const call = { from_number: '+15005550100', to_number: '+15005550006' };

/** PostgreSQL 15 under DATABASE_URL, all roles in one process. */
describe('the oldest PostgreSQL that we promise to run on', () => {
  let scratch: ScratchDatabase;
  let platform: PlatformProcess;

  beforeAll(async () => {
    scratch = await openScratchDatabase({ release: 'oldest' });
    platform = await PlatformProcess.start({ env: { DATABASE_URL: scratch.url } });
  });
  afterAll(async () => {
    await platform.discard();
    await scratch.close();
  });

  it('takes first calls over HTTP, and answers every question about them', async () => {
    expect(await ask(scratch.url, `select current_setting('server_version_num')::int / 10000 as major`)).toEqual([
      { major: 15 },
    ]);
    const { accountId, adminKey, sandboxKey } = platform.keys;
    const placed = await platform.ask(sandboxKey, 'POST', '/api/v1/voice/calls/initiate', call);
    expect(placed.status).toBe(202);
    const { id } = placed.json as { readonly id: string };
    const position = placed.headers.get('ringfence-position') ?? '';
    const { json } = await platform.ask(
      adminKey,
      'GET',
      `/api/v1/keys?account_id=${accountId}&min_position=${position}`,
    );
    const [key] = (json as { readonly data: readonly { readonly id: string }[] }).data;
    const keyId = key?.id ?? '';
    const of = `account_id=${accountId}&min_position=${position}`;
    const reads = [
      ...[`/voice/calls?${of}`, `/keys?${of}`, `/accounts?${of}`, `/audit/events?${of}`],
      ...[`/voice/calls/${id}`, `/voice/calls/${id}/legs`, `/voice/calls/${id}/authorization`],
      ...[`/accounts/${accountId}`, `/keys/${keyId}`],
      ...['minute', 'day', 'total'].map((groupBy) => `/usage?group_by=${groupBy}&${of}`),
      ...[`/usage/rate-counters?key_id=${keyId}&${of}`],
      ...['', '/entries', '/trial-balance'].map((part) => `/ledger${part}?${of}`),
    ];
    for (const path of reads)
      expect([path, (await platform.ask(adminKey, 'GET', `/api/v1${path}`)).status]).toEqual([path, 200]);
    expect((await platform.ask(sandboxKey, 'POST', `/api/v1/voice/calls/${id}/hangup`)).status).toBeLessThan(300);
  });

  it('has all of it again after a stop and a start', async () => {
    const { sandboxKey } = platform.keys;
    expect(await platform.stop()).toBe(0);
    platform = await platform.startAgain();
    const { json } = await platform.ask(sandboxKey, 'GET', '/api/v1/voice/calls');
    expect(json).toMatchObject({ data: [{ to_number: call.to_number }] });
  });

  it('is where it ends: an older one is refused with one clear line', async () => {
    // The server is asked for its version by this function: another one in front of it makes it say what 14 would.
    const older = new URL(scratch.url);
    older.pathname = '/older';
    await ask(scratch.url, 'create database older');
    await ask(
      older.href,
      `create schema shadow;
       create function shadow.current_setting(text) returns text language sql as
         $$ select case when $1 like 'server_version%' then '140011' else pg_catalog.current_setting($1) end $$;
       alter database older set search_path = shadow, pg_catalog, public`,
    );
    const dataDir = await mkdtemp(join(tmpdir(), 'ringfence-e2e-'));
    const ended = await runToEnd({ DATABASE_URL: older.href }, dataDir);
    await rm(dataDir, { recursive: true, force: true });
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(/^ringfence: [^\n]*15[^\n]*\n$/) });
  });
});

async function ask(url: string, sql: string): Promise<readonly object[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<object>(sql);
  await client.end();
  return rows;
}
