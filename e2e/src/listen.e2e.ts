import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { cliEnvironment, cliMain } from './command-line.js';
import { PlatformProcess } from './platform-process.js';
import { type Customer, issueKey, patienceMs, until } from './test-accounts.js';

/** Answers at once, and talks until it is hung up. */
const talks = '+15005551000';
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

type Received = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly raw: string };

/** The program of a developer, on this machine alone. */
const received: Received[] = [];
let redirects = false;
let hangs = false;
const application = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const path = request.url ?? '';
    received.push({ path, headers: request.headers, raw: Buffer.concat(chunks).toString() });
    if (hangs) return;
    if (redirects) response.writeHead(307, { location: '/elsewhere' }).end();
    else response.end(path === '/flow' ? '{"action":"hangup"}' : '');
  });
});

/** `ringfence listen` in a process of its own. */
class Listening {
  readonly lines: Record<string, unknown>[] = [];
  err = '';
  code: number | null | undefined;
  #rest = '';

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop() ?? '';
      this.lines.push(...lines.map((line) => JSON.parse(line) as Record<string, unknown>));
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.err += text));
    child.once('close', (code) => (this.code = code));
  }

  static async start(platform: PlatformProcess, key: string, url: string): Promise<Listening> {
    const targets = ['--forward-to', `${url}/webhooks`, '--flow-to', `${url}/flow`];
    const args = [cliMain, 'listen', '--json', ...targets, '--url', platform.url, '--api-key', key];
    const env = cliEnvironment(platform.dataDir, { RINGFENCE_LISTEN_SECRET: secret });
    const listening = new Listening(spawn(process.execPath, args, { env }));
    await until('it listens', patienceMs, () => Promise.resolve(listening.lines.length > 0));
    expect(listening.lines[0]).toMatchObject({ listening: true, secret });
    return listening;
  }

  type(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  end(): void {
    this.child.kill();
  }
}

describe('ringfence listen', () => {
  let platform: PlatformProcess;
  let url: string;
  let customer: Customer;
  let key: string;
  const running: Listening[] = [];
  beforeAll(async () => {
    await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${String((application.address() as AddressInfo).port)}`;
    platform = await PlatformProcess.start({ env: { RINGFENCE_SANDBOX_SPEED: '10' } });
    const scopes = ['calls:write', 'calls:read', 'webhooks:write'];
    customer = await issueKey(platform, platform.keys.accountId, { preset: null, scopes }, 'listener');
    key = customer.secret;
  });
  afterEach(() => {
    for (const each of running.splice(0)) each.end();
    received.length = 0;
    redirects = hangs = false;
  });
  afterAll(async () => {
    application.closeAllConnections();
    application.close();
    await platform.discard();
  });

  const listen = async (): Promise<Listening> => {
    const listening = await Listening.start(platform, key, url);
    running.push(listening);
    return listening;
  };
  const place = async (): Promise<string> => {
    const body = { from_number: '+15005550100', to_number: talks, flow_url: 'http://listener.invalid/flow?step=1' };
    const { status, json } = await platform.ask(key, 'POST', '/api/v1/voice/calls/initiate', body);
    expect(status).toBe(202);
    return (json as { readonly id: string }).id;
  };
  const stateOf = async (callId: string) =>
    (await platform.ask(key, 'GET', `/api/v1/voice/calls/${callId}`)).json as Record<string, unknown>;
  const ended = (callId: string) =>
    until('the call is over', patienceMs, async () => (await stateOf(callId))['ended_at'] !== null);

  it('brings the webhooks and the flow of a call to a program without a public address', async () => {
    const listening = await listen();
    const callId = await place();
    await ended(callId);
    expect(await stateOf(callId)).toMatchObject({ state: 'completed', reason: 'flow_hangup' });
    await until('the last webhook is here', patienceMs, () =>
      Promise.resolve(received.some(({ raw }) => raw.includes('call.completed'))),
    );
    const verified = received.map(({ path, headers, raw }) => {
      const texts = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
      return [path, new Webhook(secret).verify(raw, texts) as Record<string, unknown>] as const;
    });
    const webhooks = verified.filter(([path]) => path === '/webhooks').map(([, body]) => body);
    expect(webhooks.map(({ type, call_id, sequence }) => [type, call_id, sequence])).toEqual(
      ['call.initiated', 'call.ringing', 'call.answered', 'call.completed'].map((type, at) => [type, callId, at]),
    );
    const [flow, ...more] = verified.filter(([path]) => path === '/flow');
    expect(more).toEqual([]);
    expect(flow?.[1]).toMatchObject({ call_id: callId, step: 1, to_number: talks });
    const request = received.find(({ path }) => path === '/flow');
    expect(request?.headers).toMatchObject({
      'webhook-id': `${callId}_1`,
      'ringfence-flow-url': 'http://listener.invalid/flow?step=1',
    });
    const shown = () => listening.lines.filter(({ call_id }) => call_id === callId);
    await until('every attempt is shown', patienceMs, () => Promise.resolve(shown().length === 5));
    expect(shown().find(({ kind }) => kind === 'flow_request')).toMatchObject({ status_code: 200, outcome: 'hangup' });

    const before = received.length;
    listening.type('resend');
    await until('it is sent again', patienceMs, () => Promise.resolve(received.length > before));
    expect(received.at(-1)?.headers['webhook-id']).toBe(
      received.find(({ raw }) => raw.includes('call.completed'))?.headers['webhook-id'],
    );
    await until('the attempt is shown', patienceMs, () => Promise.resolve(shown().length === 6));
    listening.type('table');
    const rows = () => listening.lines.filter(({ message }) => message !== undefined);
    await until('the table is shown', patienceMs, () => Promise.resolve(rows().length >= 6));
    expect(
      rows()
        .filter(({ message }) => message === 'call.completed')
        .map(({ attempt }) => attempt),
    ).toEqual(['1', '2']);
  });

  it('does not follow redirects, and reports the answer', async () => {
    redirects = true;
    await listen();
    const callId = await place();
    await ended(callId);
    expect(await stateOf(callId)).toMatchObject({ reason: 'flow_failed' });
    expect(received.map(({ path }) => path)).not.toContain('/elsewhere');
  });

  it('leaves a call to its flow’s own time-out when it goes away during a request', async () => {
    hangs = true;
    const listening = await listen();
    const callId = await place();
    await until('the flow is requested', patienceMs, () =>
      Promise.resolve(received.some(({ path }) => path === '/flow')),
    );
    listening.end();
    await ended(callId);
    expect(await stateOf(callId)).toMatchObject({ reason: 'flow_failed' });
  });

  it('ends when its key is revoked', async () => {
    const listening = await listen();
    await platform.ask(platform.keys.adminKey, 'POST', `/api/v1/keys/${customer.keyId}/revoke`, {});
    await until('it has ended', patienceMs, () => Promise.resolve(listening.code !== undefined));
    expect(listening.code).toBe(1);
    expect(listening.err).toContain('key_not_accepted');
  });
});
