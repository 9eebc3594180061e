import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import { serverOptions } from './ignored-options.js';
import { run } from './program.js';

type Result = { readonly code: number; readonly out: string; readonly err: string };

class Page extends Writable {
  text = '';
  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

async function ringfence(line: string, environment: NodeJS.ProcessEnv = {}): Promise<Result> {
  const out = new Page();
  const err = new Page();
  const streams = { out, err } as unknown as Parameters<typeof run>[2];
  const code = await run(
    ['node', 'ringfence', ...line.split(' ')],
    { RINGFENCE_DATA_DIR: '/nonexistent', ...environment },
    streams,
  );
  return { code, out: out.text, err: err.text };
}

async function isWrong(line: string, says: string): Promise<void> {
  const result = await ringfence(line);
  expect(result.code).toBe(2);
  expect(result.err).toContain(says);
}

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

/** A server that answers every request with this; `asked` collects the paths, `sent` the bodies. */
async function answering(status: number, body: object, asked: string[] = [], sent: string[] = []): Promise<string> {
  const made = createServer((request, response) => {
    asked.push(request.url ?? '');
    void text(request).then((received) => sent.push(received));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server = made;
  await new Promise<void>((listening) => {
    made.listen(0, '127.0.0.1', listening);
  });
  return `http://127.0.0.1:${String((made.address() as AddressInfo).port)}`;
}

describe('the command line', () => {
  it('ends with 2 on a usage error, and says what is expected', async () => {
    await isWrong('keys frobnicate', 'frobnicate');
    await isWrong('keys issue', '--label');
    await isWrong('keys list --limit many', 'whole number');
    await isWrong('keys list', '--api-key');
    await isWrong('projections retry accounts --stream everything', 'The id of an account');
  });

  it.each([
    ['backup /tmp/none --passphrase-file p', '--passphrase-file opens the file that --keys names, and needs it'],
    ['restore /tmp/none --passphrase-file p', '--passphrase-file opens the file that --keys names, and needs it'],
    ['restore /tmp/none --keys k --without-keys', "'--without-keys' cannot be used with option '--keys <file>'"],
    [
      'accounts limits acc_1 --daily-spend-micros 5 --without-daily-spend',
      "option '--without-daily-spend' cannot be used",
    ],
    ['replay --account acc_1 --stream platform', 'say --account or --stream, not both'],
    ['replay --verify-only --subject cs_1', '--verify-only prints nothing'],
    ['projections rebuild ledger --all', 'name one projection, or say --all'],
    ['--url http://127.0.0.1:9 backup /tmp/none', '`backup` does not take --url: leave it out'],
    ['projections list --url http://127.0.0.1:9 --api-key k', '`projections` does not take --url and --api-key'],
    ['demo --api-key k', '`demo` does not take --api-key'],
    ['logout --api-key k', '`logout` does not take --api-key'],
  ])('takes every option, or refuses it: %s', async (line, says) => {
    await isWrong(line, says);
  });

  it('knows of every command whether it takes --url and --api-key', async () => {
    const { out } = await ringfence('--help');
    const commands = [...out.slice(out.indexOf('Commands:')).matchAll(/^ {2}(\w+)/gm)].map(([, name = '']) => name);
    expect(commands.filter((name) => name !== 'help').sort()).toEqual(Object.keys(serverOptions).sort());
  });

  it('has the version of the repository', async () => {
    const root: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
    expect(root).toMatchObject({ version: (await ringfence('--version')).out.trim() });
  });

  it('checks a projection’s name before it opens a database', async () => {
    const result = await ringfence('projections retry unknown');
    expect(result).toMatchObject({ code: 1, out: '' });
    expect(result.err).toMatch(
      /^ringfence: there is no projection unknown; there are accounts, .*\(projection_unknown\)\n$/,
    );
  });

  it('ends with 1 when no server answers, in one line that says how to start one', async () => {
    const result = await ringfence('keys list --api-key any --url http://127.0.0.1:9');
    expect(result.code).toBe(1);
    expect(result.err).toMatch(/^ringfence: no Ringfence answers at http:\/\/127\.0\.0\.1:9: .*npm start.*\n$/);
  });

  it('refuses the demo in one line without a server', async () => {
    const result = await ringfence('demo --url http://127.0.0.1:9');
    expect(result).toMatchObject({ code: 1, out: '' });
    expect(result.err).toMatch(/^ringfence: no Ringfence answers .*\n$/);
  });

  it('ends with 1 when the server refuses, with the server’s own code', async () => {
    const url = await answering(429, {
      success: false,
      message: 'At most 1 call a second.',
      code: 'rate_limited',
      type: 'limit',
    });
    const result = await ringfence(`calls place --from +15005550100 --to +15005550000 --api-key any --url ${url}`);
    expect(result).toEqual({ code: 1, out: '', err: 'ringfence: At most 1 call a second. (rate_limited)\n' });
  });

  it('prints a failure as JSON with --json, wherever the option is given', async () => {
    const result = await ringfence('calls list --api-key any --url http://127.0.0.1:9 --json');
    expect(JSON.parse(result.err)).toMatchObject({ error: { code: 'server_unreachable', retryable: true } });
  });

  it('prints a list as one JSON value a line, and as a table for people', async () => {
    const url = await answering(200, {
      data: [
        { id: 'cs_1', state: 'ringing' },
        { id: 'cs_2', state: 'failed' },
      ],
      next_cursor: null,
    });
    const environment = { RINGFENCE_URL: url, RINGFENCE_API_KEY: 'any' };
    const lines = (await ringfence('--json calls list', environment)).out.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { id: 'cs_1', state: 'ringing' },
      { id: 'cs_2', state: 'failed' },
    ]);
    expect((await ringfence('calls list', environment)).out).toMatch(/cs_1 .*ringing/);
  });

  it.each(['calls list', 'keys list'])('names the next page of %s, for people and programs', async (command) => {
    const asked: string[] = [];
    const url = await answering(200, { data: [{ id: 'one' }], next_cursor: 'Y3Vyc29y' }, asked);
    const environment = { RINGFENCE_URL: url, RINGFENCE_API_KEY: 'any' };
    const listed = await ringfence(`--json ${command} --limit 1`, environment);
    const lines = listed.out.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([{ id: 'one' }, { next_cursor: 'Y3Vyc29y' }]);
    expect(listed.err).toBe('');
    expect((await ringfence(command, environment)).err).toBe('more with --after Y3Vyc29y\n');
    await ringfence(`${command} --after Y3Vyc29y`, environment);
    expect(asked.map((path) => new URL(path, url).searchParams.get('cursor_after'))).toEqual([null, null, 'Y3Vyc29y']);
  });
});

describe('the address of a server', () => {
  it('may be that of its API, which a start prints too, and may have a path of its own', async () => {
    const asked: string[] = [];
    const root = await answering(200, { data: [], has_more: false, calls: [] }, asked);
    for (const url of ['', '/', '/api/v1', '/api/v1/', '/telephony', '/telephony/api/v1'])
      await ringfence(`calls show cs_1 --json --api-key rf_test_a --url ${root}${url}`);
    expect([...new Set(asked)].map((path) => path.replace(/\/voice\/.*/, ''))).toEqual([
      ...Array<string>(3).fill('/api/v1'),
      ...Array<string>(3).fill('/telephony/api/v1'),
    ]);
  });

  it('is refused by login where there is no such server', async () => {
    const home = mkdtempSync(join(tmpdir(), 'ringfence-login-'));
    const root = await answering(404, { code: 'not_found' });
    const result = await ringfence(`login --api-key rf_test_a --url ${root}/elsewhere`, { XDG_CONFIG_HOME: home });
    expect(result).toMatchObject({ code: 1, out: '' });
    expect(result.err).toContain('/elsewhere/api/v1');
    expect(readdirSync(home)).toEqual([]);
    rmSync(home, { recursive: true });
  });
});

it('a call requests a recording only with --record', async () => {
  const sent: string[] = [];
  const url = await answering(200, { id: 'cs_1' }, [], sent);
  const place = `calls place --from +15005550100 --to +15005550000 --api-key rf_test_a --url ${url}`;
  for (const option of ['', ' --record', ' --no-record']) await ringfence(`${place}${option}`);
  expect(sent.map((body) => (JSON.parse(body) as { readonly record?: boolean }).record)).toEqual([
    undefined,
    true,
    false,
  ]);
});

describe('the limits of an account', () => {
  const bounds = { lines_max: 500, calls_per_second: 25, burst_calls: 50, daily_spend_micros_max: null };
  const limits = [
    { mode: 'live', ...bounds, daily_spend_micros_max: '12500000' },
    { mode: 'test', ...bounds },
  ];

  it('are shown if none is set, for both modes or the given one', async () => {
    const asked: string[] = [];
    const url = await answering(200, { id: 'acc_1', currency: 'USD', limits }, asked);
    const show = (more = '') => ringfence(`accounts limits acc_1${more} --api-key any --url ${url}`);
    const { code, out } = await show();
    expect(code).toBe(0);
    expect(out).toMatch(/live .*500 .*25 .*50 .*12\.50 USD/);
    expect(out).toMatch(/test .*500 .*25 .*50 .*no limit/);
    expect((await show(' --mode live')).out).not.toContain('test');
    const lines = (await show(' --json')).out.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(limits);
    expect(new Set(asked)).toEqual(new Set(['/api/v1/accounts/acc_1']));
  });

  it('are set for test calls unless a mode is given', async () => {
    const sent: string[] = [];
    const url = await answering(200, { id: 'acc_1', ...bounds }, [], sent);
    for (const mode of ['', ' --mode live'])
      await ringfence(`accounts limits acc_1 --lines 7${mode} --api-key any --url ${url}`);
    expect(sent.map((body) => JSON.parse(body) as unknown)).toEqual([
      { mode: 'test', lines_max: 7 },
      { mode: 'live', lines_max: 7 },
    ]);
  });
});
