import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ringfence } from './command-line.js';
import { openAccount, patienceMs, until, wanted } from './test-accounts.js';
import { PlatformProcess } from './platform-process.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = join(root, 'docs/operator.md');
const upWithinMs = patienceMs;
/** Debian keeps both where only root's PATH looks. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

type Place = { readonly folder: string; readonly port: number; readonly platform: number };
type Proxy = {
  readonly language: string;
  /**
   * Writes the documented text into a file with this machine's ports and paths.
   * @returns the command that runs it in the foreground
   */
  readonly laid: (text: string, place: Place) => Promise<readonly [command: string, ...args: string[]]>;
};

/** Replaces what a reader replaces too. @throws Error when the page has no such text any more */
function replaced(text: string, own: Readonly<Record<string, string>>): string {
  return Object.entries(own).reduce((all, [documented, ours]) => {
    if (!all.includes(documented)) throw new Error(`${documented} is not in:\n${all}`);
    return all.replaceAll(documented, ours);
  }, text);
}

const proxies: Readonly<Record<string, Proxy>> = {
  nginx: {
    language: 'nginx',
    laid: async (text, { folder, port, platform }) => {
      const own = replaced(text, {
        'listen 443 ssl': `listen 127.0.0.1:${String(port)} ssl`,
        '127.0.0.1:7350': `127.0.0.1:${String(platform)}`,
        '/etc/nginx/ringfence.crt': join(folder, 'tls.crt'),
        '/etc/nginx/ringfence.key': join(folder, 'tls.key'),
      });
      const kept = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (name) => `${name}_temp_path ${folder}/${name};`,
      );
      const whole = `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; worker_processes 1;\nevents {}\nhttp {\naccess_log off; ${kept.join(' ')}\n${own}\n}\n`;
      await writeFile(join(folder, 'nginx.conf'), whole);
      return ['nginx', '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')];
    },
  },
  HAProxy: {
    language: 'haproxy',
    laid: async (text, { folder, port, platform }) => {
      const own = replaced(text, {
        'bind :443 ssl': `bind 127.0.0.1:${String(port)} ssl`,
        '127.0.0.1:7350': `127.0.0.1:${String(platform)}`,
        '/etc/haproxy/ringfence.pem': join(folder, 'tls.pem'),
      });
      await writeFile(join(folder, 'haproxy.cfg'), own);
      return ['haproxy', '-db', '-f', join(folder, 'haproxy.cfg')];
    },
  },
};

let folder: string;
let platform: PlatformProcess;
/** Presents itself from 127.0.0.9 alone. */
let bound: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringfence-proxy-'));
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', join(folder, 'tls.key'), '-out', join(folder, 'tls.crt')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...names, ...files], {
    stdio: 'ignore',
  });
  const parts = await Promise.all(['tls.crt', 'tls.key'].map((name) => readFile(join(folder, name), 'utf8')));
  await writeFile(join(folder, 'tls.pem'), parts.join(''));
  platform = await PlatformProcess.start({
    env: { RINGFENCE_TRUSTED_PROXIES: '127.0.0.1', RINGFENCE_SANDBOX_SPEED: '100' },
  });
  const account = await openAccount(platform, 'Behind a proxy');
  const key = {
    account_id: account,
    label: 'bound',
    mode: 'test',
    scopes: ['calls:read'],
    source_cidrs: ['127.0.0.9/32'],
  };
  bound = String((await wanted(platform, 'POST', '/api/v1/keys', key))['secret']);
});
afterAll(async () => {
  await platform.discard();
  await rm(folder, { recursive: true, force: true });
});

describe.each(Object.entries(proxies))('behind %s, as docs/operator.md has it', (_name, { language, laid }) => {
  let proxy: ChildProcess;
  let url: string;
  let output = '';
  const ca = () => ({ NODE_EXTRA_CA_CERTS: join(folder, 'tls.crt') });
  const asked = async (path: string, headers: Readonly<Record<string, string>> = {}, from = '127.0.0.2') => {
    const trusted = await readFile(join(folder, 'tls.crt'));
    return new Promise<{ status: number; location: string | undefined; text: string }>((resolve, reject) => {
      const sent = request(new URL(path, url), { headers, localAddress: from, ca: trusted, agent: false }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, location: answer.headers.location, text });
        });
      });
      sent.on('error', reject).end();
    });
  };

  beforeAll(async () => {
    const [, text] = new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'm').exec(await readFile(page, 'utf8')) ?? [];
    const port = await freePort();
    url = `https://127.0.0.1:${String(port)}/ringfence/`;
    const [command, ...args] = await laid(text ?? '', { folder, port, platform: platform.port });
    proxy = spawn(command, args, { env: { ...process.env, PATH }, stdio: ['ignore', 'ignore', 'pipe'] });
    proxy.stderr?.setEncoding('utf8').on('data', (part: string) => (output += part));
    await until(`${language} has found its platform`, upWithinMs, async () => {
      if (proxy.exitCode !== null) throw new Error(`${language}: ${output}`);
      const answer = await asked('api/v1').catch(() => undefined);
      return answer?.status === 200;
    });
  });
  afterAll(async () => {
    const ended = once(proxy, 'close');
    proxy.kill('SIGTERM');
    await ended;
  });

  it('the documentation is found below the prefix, and so is what it loads', async () => {
    expect((await asked('/ringfence')).location).toBe('/ringfence/');
    const index = await asked('');
    const docs = new URL(index.location ?? '', url);
    expect([index.status, docs.pathname]).toEqual([302, '/ringfence/api/docs']);
    const html = await asked(docs.pathname);
    const links = [...html.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = '']) => new URL(link, docs));
    const loaded = links.filter(({ protocol }) => protocol !== 'data:');
    expect(loaded.length).toBeGreaterThan(2);
    for (const { pathname } of loaded) {
      expect(pathname).toMatch(/^\/ringfence\//);
      expect([pathname, (await asked(pathname)).status]).toEqual([pathname, 200]);
    }
  });

  it('the type of a problem leads to what describes it, as it does without a proxy', async () => {
    for (const path of ['api/v1/keys', 'api/v1/keys/key_1/revoke', 'nothing']) {
      const { type, code } = JSON.parse((await asked(path)).text) as { readonly type: string; readonly code: string };
      const found = new URL(type, new URL(path, url));
      const there = await asked(found.pathname);
      expect([found.pathname, found.hash, there.status]).toEqual(['/ringfence/api/docs/problems', `#${code}`, 200]);
      expect(there.text).toContain(`id="${code}"`);
      const direct = (await platform.ask('', 'GET', `/${path}`)).json as { readonly type: string };
      const answer = await fetch(new URL(direct.type, `${platform.url}/${path}`));
      expect([answer.status, await answer.text()]).toEqual([200, there.text]);
    }
  });

  it('the command line works with the prefix in its URL', async () => {
    const elsewhere = join(folder, 'none');
    const line = (key: string, ...args: readonly string[]) =>
      ringfence(elsewhere, ['--url', url, '--api-key', key, '--json', ...args], ca());
    const placed = await line(
      platform.keys.sandboxKey,
      'calls',
      'place',
      '--from',
      '+15005550100',
      '--to',
      '+15005550000',
    );
    expect([placed.code, placed.err]).toEqual([0, '']);
    const listed = await line(platform.keys.adminKey, 'keys', 'list', '--account', platform.keys.accountId);
    expect([listed.code, listed.err]).toEqual([0, '']);
    const number = await line(platform.keys.sandboxKey, 'numbers', 'show', '+15005550000');
    expect([number.code, number.err]).toEqual([0, '']);
  });

  it('the SDK works with the prefix in its URL', async () => {
    const program = join(folder, `sdk-${language}.mjs`);
    const sdk = pathToFileURL(join(root, 'libs/sdk/bundle/main.js')).href;
    await writeFile(
      program,
      `import { RingfenceClient } from ${JSON.stringify(sdk)};
       const [url, apiKey, account] = process.argv.slice(2);
       const client = await RingfenceClient.open({ account, http: { url, apiKey } });
       const outcome = await client.send('place_call', { from_number: '+15005550100', to_number: '+15005550000' });
       const { state } = await client.calls.untilEnded(outcome.result.callId);
       console.log(outcome.status, state);
       await client.close();`,
    );
    const { sandboxKey, accountId } = platform.keys;
    const out = await new Promise<string>((resolve) => {
      const env = { ...process.env, ...ca() };
      execFile(process.execPath, [program, url, sandboxKey, accountId], { env }, (error, text, err) => {
        resolve(error === null ? text : err);
      });
    });
    expect(out).toBe('accepted completed\n');
  });

  it('a key’s source ranges are compared with the client’s address, not with what the client writes', async () => {
    const read = async (from: string, headers: Readonly<Record<string, string>> = {}) =>
      (await asked('api/v1/voice/calls', { 'x-api-key': bound, ...headers }, from)).status;
    expect(await read('127.0.0.9')).toBe(200);
    expect(await read('127.0.0.9', { 'x-forwarded-for': '203.0.113.7' })).toBe(200);
    expect(await read('127.0.0.8')).toBe(403);
    expect(await read('127.0.0.8', { 'x-forwarded-for': '127.0.0.9', forwarded: 'for=127.0.0.9' })).toBe(403);
  });

  it('metrics and health are not for everybody', async () => {
    const statuses = ['metrics', 'health/live', 'health/ready'].map(async (path) => (await asked(path)).status);
    expect(await Promise.all(statuses)).toEqual([404, 404, 404]);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
