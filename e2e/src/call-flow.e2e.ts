import { spawn } from 'node:child_process';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { PlatformProcess } from './platform-process.js';
import { until } from './test-accounts.js';

const example = fileURLToPath(new URL('../../examples/call-flow/dist/main.js', import.meta.url));
const patienceMs = 90_000;
/** Answers at once, and talks until it is hung up. */
const talks = '+15005551000';

type Received = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
  readonly body: Record<string, unknown>;
};

/** An application on this machine, with an answer for each path. */
class Application {
  readonly received: Received[] = [];
  url = '';
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      const raw = Buffer.concat(chunks).toString();
      this.received.push({ path, headers: request.headers, raw, body: JSON.parse(raw) as Record<string, unknown> });
      const answer = this.answers.get(path)?.() ?? { status: 404, body: '' };
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
  });

  readonly answers = new Map<string, () => { readonly status: number; readonly body: string }>();

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
    return this;
  }

  on(path: string, answer: object | string, status = 200): string {
    const body = typeof answer === 'string' ? answer : JSON.stringify(answer);
    this.answers.set(path, () => ({ status, body }));
    return `${this.url}${path}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

describe('the flow of a call', () => {
  let platform: PlatformProcess;
  let application: Application;
  beforeAll(async () => {
    [platform, application] = await Promise.all([
      PlatformProcess.start({ env: { RINGFENCE_SANDBOX_SPEED: '10' } }),
      new Application().listen(),
    ]);
  });
  afterAll(async () => {
    application.close();
    await platform.discard();
  });

  const ask = async (method: string, path: string, body?: object) => {
    const { json } = await platform.ask(platform.keys.sandboxKey, method, `/api/v1${path}`, body);
    return json as Record<string, unknown>;
  };
  /**
   * Places a call with this flow, and hangs up as soon as an event has this step and action.
   * @returns the events of its life
   */
  const lifeOf = async (flow_url: string, until: { readonly step: number; readonly action: string } | null = null) => {
    const body = { from_number: '+15005550100', to_number: talks, flow_url };
    const callId = String((await ask('POST', '/voice/calls/initiate', body))['id']);
    const events = await fetch(`${platform.url}/api/v1/voice/calls/${callId}/events/stream`, {
      headers: { 'x-api-key': platform.keys.sandboxKey },
    });
    const life: LifeEvent[] = [];
    for await (const event of eventsIn(events)) {
      life.push(event);
      if (until !== null && event.data['step'] === until.step && event.data['action'] === until.action)
        await ask('POST', `/voice/calls/${callId}/hangup`, {});
    }
    return { callId, life, types: life.map(({ type }) => type), last: life.at(-1)?.data };
  };

  it('is what the example says: a greeting, then the agent, until the call is hung up', async () => {
    const port = await freePort();
    const running = spawn(process.execPath, [example], { env: { FLOW_PORT: String(port) } });
    let said = '';
    running.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    try {
      await until('the example listens', patienceMs, () => Promise.resolve(said.includes('answers')));
      const { callId, life, types, last } = await lifeOf(`http://127.0.0.1:${String(port)}/flow`, {
        step: 2,
        action: 'stream',
      });
      expect(types).toEqual([
        'call.initiated',
        'call.ringing',
        'call.answered',
        'call.flow_requested',
        'call.flow_replied',
        'call.action_ended',
        'call.flow_requested',
        'call.flow_replied',
        'call.hangup_requested',
        'call.completed',
      ]);
      expect(life[5]?.data).toMatchObject({ step: 1, outcome: 'completed', audio_ms: 3_000 });
      expect(life[7]?.data).toMatchObject({ step: 2, action: 'stream' });
      expect(last).toMatchObject({ reason: 'caller_hangup' });
      expect(said.match(new RegExp(`${callId} step`, 'g'))).toHaveLength(2);
    } finally {
      running.kill();
    }
  });

  it('is requested with the call in the body, and hangs up where the reply says so', async () => {
    const { callId, last } = await lifeOf(application.on('/hangup', { action: 'hangup' }));
    expect(last).toMatchObject({ reason: 'flow_hangup', ended_by: 'platform' });
    const [request] = application.received.filter(({ body }) => body['call_id'] === callId);
    expect(request?.headers).toMatchObject({ 'webhook-id': `${callId}_1`, 'content-type': 'application/json' });
    expect(request?.body).toMatchObject({
      account_id: platform.keys.accountId,
      from_number: '+15005550100',
      to_number: talks,
      direction: 'outbound',
      reason: 'answered',
    });
  });

  it('is requested with a signature, once the account has a secret', async () => {
    const { secret_value } = await ask('POST', '/secrets', { name: 'flows' });
    const { callId } = await lifeOf(application.on('/signed', { action: 'hangup' }));
    const [request] = application.received.filter(({ body }) => body['call_id'] === callId);
    const headers = Object.fromEntries(
      Object.entries(request?.headers ?? {}).map(([name, value]) => [name, String(value)]),
    );
    expect(new Webhook(String(secret_value)).verify(request?.raw ?? '', headers)).toEqual(request?.body);
  });

  it.each([
    {
      what: 'is not valid',
      flow: () => application.on('/bad', { action: 'stream', ws_url: 'https://agent.example.com' }),
      fault: { code: 'member_invalid', action: 'stream', pointer: '/ws_url', expected: expect.stringMatching(/ws/) },
      requests: 1,
    },
    {
      what: 'is no JSON',
      flow: () => application.on('/text', 'hello'),
      fault: { code: 'reply_not_json', pointer: null },
      requests: 1,
    },
    {
      what: 'asks for an action that this release does not have',
      flow: () => application.on('/dial', { action: 'dial', to: '+15005550000' }),
      fault: { code: 'action_not_available', pointer: '/action' },
      requests: 1,
    },
    {
      what: 'is 404',
      flow: () => `${application.url}/nothing`,
      fault: { code: 'status_not_successful', http_status: 404 },
      requests: 1,
    },
    {
      what: 'is 500 each time',
      flow: () => application.on('/broken', '', 500),
      fault: { code: 'status_not_successful', http_status: 500 },
      requests: 3,
    },
  ])(
    'ends the call as flow_failed where the reply $what, and says what is wrong',
    async ({ flow, fault, requests }) => {
      const { callId, life, last } = await lifeOf(flow());
      expect(last).toMatchObject({ reason: 'flow_failed', ended_by: 'platform' });
      expect(life.find(({ type }) => type === 'call.flow_failed')?.data).toMatchObject(fault);
      expect(application.received.filter(({ body }) => body['call_id'] === callId)).toHaveLength(requests);
    },
  );

  it('ends the call as flow_failed where nobody listens', async () => {
    const { life, last } = await lifeOf(`http://127.0.0.1:${String(await freePort())}/flow`);
    expect(last).toMatchObject({ reason: 'flow_failed' });
    expect(life.find(({ type }) => type === 'call.flow_failed')?.data).toMatchObject({ code: 'connection_failed' });
  });
});

type LifeEvent = { readonly type: string; readonly data: Record<string, unknown> };

/** The events of a call in a stream of server-sent events, until the stream ends. */
async function* eventsIn({ body }: Response): AsyncGenerator<LifeEvent> {
  if (body === null) return;
  let waiting = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const lines = (waiting + chunk).split('\n');
    waiting = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('data: {"id"')) yield JSON.parse(line.slice(6)) as LifeEvent;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
