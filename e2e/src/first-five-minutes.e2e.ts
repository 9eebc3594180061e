import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PlatformProcess, runToEnd } from './platform-process.js';

const run = promisify(execFile);
const firstReadyMsMax = 30_000;
const laterReadyMsMax = 6_000;
type Described = {
  readonly servers: readonly { readonly url: string }[];
  readonly components: { readonly schemas: Readonly<Record<string, { readonly examples?: readonly object[] }>> };
};

describe('the first five minutes', () => {
  let platform: PlatformProcess;
  let firstOutput: string;

  beforeAll(async () => {
    platform = await PlatformProcess.start();
    firstOutput = platform.stdout;
  });
  afterAll(async () => {
    await platform.discard();
  });

  it('is ready within 30 s of the very first start, and says where', async () => {
    expect(platform.readyAfterMs).toBeLessThan(firstReadyMsMax);
    expect((await fetch(`${platform.url}/health/ready`)).status).toBe(200);
    expect(firstOutput).toContain(`${platform.url}/api/docs`);
  });

  it('prints an admin key and a sandbox key, keeps them for this user alone, and never writes them to the log', () => {
    const { adminKey, sandboxKey, accountId } = platform.keys;
    expect(adminKey).toMatch(/^rf_live_[0-9A-Za-z]{36}$/);
    expect(sandboxKey).toMatch(/^rf_test_[0-9A-Za-z]{36}$/);
    for (const shown of [adminKey, sandboxKey, accountId]) expect(firstOutput).toContain(shown);
    for (const name of ['admin-key', 'sandbox-key', 'master-key', 'pepper', 'postgres.secret'])
      expect([name, statSync(join(platform.dataDir, name)).mode & 0o077]).toEqual([name, 0]);
    expect(platform.stderr).not.toContain('rf_');
  });

  it('prints three lines that a shell can run as they are: place a call, watch it, ask who authorised it', async () => {
    const lines = firstOutput.split('\n').filter((line) => /^ {2}(CALL=|curl )/.test(line));
    expect(lines).toHaveLength(3);
    const { stdout } = await run('bash', ['-c', lines.join('\necho\n')], { timeout: 20_000 });
    const [placed, watched, authorised] = stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(placed).toMatchObject({ to_number: '+15005550000', record: false });
    expect(watched).toMatchObject({
      id: placed?.['id'],
      account_id: platform.keys.accountId,
      to_number: '+15005550000',
    });
    expect(authorised).toMatchObject({
      call_id: watched?.['id'],
      key: { label: 'sandbox', issued_by: { kind: 'operator' } },
    });
  });

  it('describes its API, in pages that fetch nothing from anywhere else', async () => {
    const page = await (await fetch(`${platform.url}/api/docs`)).text();
    expect(page).not.toMatch(/https?:\/\//);
    const script = await (await fetch(`${platform.url}/api/docs/explorer.js`)).text();
    const named = [...`${page}${script}`.matchAll(/(?:src=|href=|url: )["'](?!data:)([^"']+)["']/g)].map(
      ([, path = '']) => path,
    );
    expect(named.length).toBeGreaterThanOrEqual(5);
    for (const path of named) {
      const asset = new URL(path, `${platform.url}/api/docs`).href;
      expect([asset, (await fetch(asset)).status]).toEqual([asset, 200]);
      // Below the path at which a proxy serves it, too.
      expect(new URL(path, 'http://proxy.example/telephony/api/docs').pathname).toMatch(/^\/telephony\/api\/docs\//);
    }
    const document = (await (await fetch(`${platform.url}/api/docs/openapi.json`)).json()) as { openapi: string };
    expect(document.openapi).toMatch(/^3\.1/);
  });

  it('redirects its root, and that of the API, to the documentation', async () => {
    const root = await fetch(`${platform.url}/`);
    expect([root.status, root.url]).toEqual([200, `${platform.url}/api/docs`]);
    const index = (await (await fetch(`${platform.url}/api/v1`)).json()) as { links: Record<string, string> };
    const { calls = '', ...open } = index.links;
    for (const link of Object.values(open))
      expect([link, (await fetch(new URL(link, `${platform.url}/api/v1`))).status]).toEqual([link, 200]);
    expect((await fetch(new URL(calls, `${platform.url}/api/v1`))).status).toBe(401);
  });

  it('places a call with the unchanged example of its API description', async () => {
    const url = `${platform.url}/api/docs/openapi.json`;
    const document = (await (await fetch(url)).json()) as Described;
    const [example] = document.components.schemas['PlaceCallBody']?.examples ?? [];
    const [server] = document.servers;
    const path = new URL(`${server?.url ?? ''}/api/v1/voice/calls/initiate`, url).pathname;
    const answer = await platform.ask(platform.keys.sandboxKey, 'POST', path, example);
    expect(answer).toMatchObject({ status: 202, json: { to_number: '+15005550000' } });
  });

  it('prints one clear line when the port is taken, or another instance has the data folder', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'ringfence-e2e-'));
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => taken.once('listening', listening));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    const onTakenPort = await runToEnd({ RINGFENCE_PORT: port }, elsewhere);
    expect(onTakenPort).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^ringfence: [^\n]+ is in use[^\n]+\n$/),
    });
    taken.close();
    const onTakenData = await runToEnd({}, platform.dataDir);
    expect(onTakenData).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^ringfence: [^\n]+ is in use by[^\n]+\n$/),
    });
    await rm(elsewhere, { recursive: true, force: true });
  });

  it('prints one clear line and exits with 2 on a wrong setting', async () => {
    const wrong = await runToEnd({ RINGFENCE_SANDBOX_SPEED: 'fast' }, platform.dataDir);
    expect(wrong).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^ringfence: RINGFENCE_SANDBOX_SPEED [^\n]+\n$/),
    });
    const misspelt = await runToEnd({ RINGFENCE_SANBOX_SPEED: '1' }, platform.dataDir);
    expect(misspelt).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean RINGFENCE_SANDBOX_SPEED?'),
    });
  });

  it('runs beside a second instance with other values', async () => {
    const second = await PlatformProcess.start();
    expect(second.url).not.toBe(platform.url);
    expect((await second.ask(platform.keys.sandboxKey, 'GET', '/api/v1/voice/calls')).status).toBe(401);
    await second.discard();
  });

  it('stops cleanly on Ctrl-C, is ready again within 6 s, knows its keys and shows no secret', async () => {
    const { keys, dataDir } = platform;
    expect(await platform.stop()).toBe(0);
    expect(existsSync(join(dataDir, 'lock'))).toBe(false);
    platform = await platform.startAgain();
    expect(platform.readyAfterMs).toBeLessThan(laterReadyMsMax);
    expect(platform.stdout).not.toContain('rf_');
    const calls = await platform.ask(keys.sandboxKey, 'GET', '/api/v1/voice/calls');
    const placed = { to_number: '+15005550000' };
    expect(calls).toMatchObject({ status: 200, json: { data: [placed, placed] } });
  });

  it('starts again after it was killed, on the database that it left behind', async () => {
    await platform.kill9();
    await writeFile(join(platform.dataDir, 'admin-key.new'), 'left in the middle');
    platform = await platform.startAgain();
    const placed = await platform.ask(platform.keys.sandboxKey, 'POST', '/api/v1/voice/calls/initiate', {
      from_number: '+15005550100',
      to_number: '+15005550003',
    });
    expect(placed.status).toBe(202);
  });
});
