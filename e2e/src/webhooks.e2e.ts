import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PlatformProcess } from './platform-process.js';
import { patienceMs, until } from './test-accounts.js';
import { UnreliableReceiver } from './unreliable-receiver.js';
import { killWhileWebhooksAreSent, pendingDeliveries, placeWithCallback } from './webhook-crashes.js';

const run = promisify(execFile);
const example = fileURLToPath(new URL('../../examples/webhook-receiver/dist/main.js', import.meta.url));

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

describe('webhooks', () => {
  it('reach a receiver that fails, hangs and resets, from a platform that is killed 5 times', async () => {
    await killWhileWebhooksAreSent(5);
  });

  it('are verified by the package of PyPI', async () => {
    await placeWithCallback(platform, receiver.url);
    await until('they are sent', patienceMs, async () => (await pendingDeliveries(platform)) === 0);
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
      const callId = await placeWithCallback(platform, `http://127.0.0.1:${port}/`);
      await until('the call is over', patienceMs, () => Promise.resolve(/^\d call\.(completed|failed)/m.test(output)));
      const lines = output.trim().split('\n').slice(1);
      expect(lines[0]).toBe(`0 call.initiated ${callId}`);
      expect(lines.map((line) => Number(line.split(' ')[0]))).toEqual(lines.map((_, at) => at));
    } finally {
      child.kill();
    }
  });
});
