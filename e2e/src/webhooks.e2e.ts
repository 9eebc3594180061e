import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { PlatformProcess } from './platform-process.js';
import { caller, patienceMs, until } from './test-accounts.js';
import { type ReceivedEvent, UnreliableReceiver } from './unreliable-receiver.js';

const run = promisify(execFile);
const example = fileURLToPath(new URL('../../examples/webhook-receiver/dist/main.js', import.meta.url));
const kills = 5;
const callsPerLife = 4;

let platform: PlatformProcess;
let receiver: UnreliableReceiver;
let secret: string;

beforeAll(async () => {
  receiver = new UnreliableReceiver();
  await receiver.listen(20_261_130);
  platform = await PlatformProcess.start({ env: { RINGFENCE_SANDBOX_SPEED: '20' } });
  const created = await platform.ask(platform.keys.sandboxKey, 'POST', '/api/v1/secrets', { name: 'receiver' });
  secret = (created.json as { readonly secret_value: string }).secret_value;
});
afterAll(async () => {
  receiver.close();
  await platform.discard();
});

async function place(url: string): Promise<string> {
  const body = { from_number: caller, to_number: '+15005550006', flow_url: 'https://example.com/flow' };
  const answer = await platform.ask(platform.keys.sandboxKey, 'POST', '/api/v1/voice/calls/initiate', {
    ...body,
    status_callback_url: url,
  });
  expect(answer.status).toBe(202);
  return (answer.json as { readonly id: string }).id;
}

async function pending(): Promise<number> {
  const { json } = await platform.ask(
    platform.keys.sandboxKey,
    'GET',
    '/api/v1/events?delivery_status=pending&limit=100',
  );
  return (json as { readonly data: readonly object[] }).data.length;
}

/** Events as their receiver saw them: the next one is only sent once the one before was taken. */
function expectInOrder(events: readonly ReceivedEvent[]): void {
  let taken = -1;
  for (const { sequence, taken: isTaken } of events) {
    expect(sequence).toBeLessThanOrEqual(taken + 1);
    if (isTaken) taken = Math.max(taken, sequence);
  }
}

describe('webhooks', () => {
  it(`reach a receiver that fails, hangs and resets, from a platform that is killed ${String(kills)} times`, async () => {
    const calls: string[] = [];
    for (let life = 0; life < kills; life += 1) {
      for (let nth = 0; nth < callsPerLife; nth += 1) calls.push(await place(receiver.url));
      const before = receiver.received.length;
      await until('some are sent', patienceMs, () => Promise.resolve(receiver.received.length > before));
      await platform.kill9();
      platform = await platform.startAgain();
    }
    receiver.isHealed = true;
    const ended = () => new Set(receiver.received.filter(({ taken, type }) => taken && isEnd(type)).map(callOf));
    await until('every call has its final status', patienceMs, () => Promise.resolve(ended().size === calls.length));
    await until('nothing is pending', patienceMs, async () => (await pending()) === 0);

    for (const callId of calls) {
      const events = receiver.received.filter((event) => event.callId === callId);
      expectInOrder(events);
      const taken = new Set(events.filter((event) => event.taken).map(({ sequence }) => sequence));
      expect([...taken].sort()).toEqual([...taken].map((_, at) => at));
      expect(events[0]?.type).toBe('call.initiated');
    }
    for (const { body, headers } of receiver.received) {
      const old = new Date(Number(headers['webhook-timestamp']) * 1_000);
      const expected = new Webhook(secret).sign(headers['webhook-id'] ?? '', old, body);
      expect(headers['webhook-signature']).toBe(expected);
    }
  });

  it('are verified by the package of PyPI', async () => {
    await place(receiver.url);
    await until('they are sent', patienceMs, async () => (await pending()) === 0);
    const home = await mkdtemp(join(tmpdir(), 'ringfence-webhooks-'));
    try {
      await run('python3', ['-m', 'venv', home]);
      const pip = ['install', '--quiet', '--disable-pip-version-check', 'standardwebhooks==1.1.0'];
      await run(join(home, 'bin/pip'), pip);
      const last = receiver.received.slice(-3).map(({ body, headers }) => ({ body, headers }));
      await writeFile(join(home, 'sent.json'), JSON.stringify(last));
      const script = [
        'import json, sys',
        'from standardwebhooks.webhooks import Webhook',
        'sent = json.load(open(sys.argv[1]))',
        'print(len([Webhook(sys.argv[2]).verify(each["body"], each["headers"]) for each in sent]))',
      ];
      const verified = await run(join(home, 'bin/python'), ['-c', script.join('\n'), join(home, 'sent.json'), secret]);
      expect(verified.stdout.trim()).toBe('3');
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });

  it('are received by the example', async () => {
    const port = '18081';
    const child = spawn(process.execPath, [example], {
      env: { PATH: process.env['PATH'], WEBHOOK_SECRET: secret, RECEIVER_PORT: port },
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    try {
      await until('it listens', patienceMs, () => Promise.resolve(output.includes('listening')));
      const callId = await place(`http://127.0.0.1:${port}/`);
      await until('the call is over', patienceMs, () => Promise.resolve(/^\d call\.(completed|failed)/m.test(output)));
      const lines = output.trim().split('\n').slice(1);
      expect(lines[0]).toBe(`0 call.initiated ${callId}`);
      expect(lines.map((line) => Number(line.split(' ')[0]))).toEqual(lines.map((_, at) => at));
    } finally {
      child.kill();
    }
  });
});

function isEnd(type: string): boolean {
  return type === 'call.completed' || type === 'call.failed';
}

function callOf({ callId }: ReceivedEvent): string {
  return callId;
}
