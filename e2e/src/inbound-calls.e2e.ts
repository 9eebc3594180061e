import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PlatformProcess } from './platform-process.js';
import { caller, type Customer, issueKey, openAccount, patienceMs, unlimited, until, wanted } from './test-accounts.js';

const example = fileURLToPath(new URL('../../examples/call-flow/dist/main.js', import.meta.url));
const number = '+15005550177';
type Json = Record<string, unknown>;
type Call = Json & { readonly state: string; readonly properties: Json };

describe('an inbound call', () => {
  let platform: PlatformProcess;
  let customer: Customer;
  let answering: Customer;
  let flow: ReturnType<typeof spawn>;
  let appId: string;
  let said = '';

  const ask = async (method: string, path: string, body?: object) => {
    const { status, json } = await platform.ask(customer.secret, method, `/api/v1${path}`, body);
    const bare = (json as { readonly data?: unknown }).data ?? json;
    return { status, json: bare as Json };
  };
  const ring = async (script: object = {}) => {
    const body = { from_number: caller, to_number: number, ...script };
    const { status, json } = await ask('POST', '/voice/sandbox/inbound-calls', body);
    expect(status).toBe(202);
    return String(json['id']);
  };
  /** Waits until the call is so, and returns it. */
  const callThat = async (callId: string, isSo: (call: Call) => boolean) => {
    let found: Call | undefined;
    await until(`call ${callId}`, patienceMs, async () => {
      const { status, json } = await ask('GET', `/voice/calls/${callId}`);
      found = status === 200 ? (json as Call) : undefined;
      return found !== undefined && isSo(found);
    });
    return found;
  };
  const isOver = ({ state }: Call) => state === 'completed' || state === 'failed';
  const linesInUse = async () => {
    const { json } = await ask('GET', '/voice/calls?limit=100');
    return (json as unknown as readonly Call[]).filter((call) => !isOver(call)).length;
  };
  /** The money that is reserved in all books of the account. */
  const reserved = async () => {
    const ledger = await wanted(platform, 'GET', `/api/v1/ledger?account_id=${customer.accountId}`);
    return [...JSON.stringify(ledger).matchAll(/"reserved_micros":"(\d+)"/g)].map(([, micros]) => micros);
  };

  beforeAll(async () => {
    platform = await PlatformProcess.start({ env: { RINGFENCE_SANDBOX_SPEED: '10' } });
    const port = await freePort();
    flow = spawn(process.execPath, [example], { env: { FLOW_PORT: String(port) } });
    flow.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const accountId = await openAccount(platform, 'inbound');
    const scopes = ['calls:write', 'calls:read', 'apps:write', 'apps:read', 'numbers:write', 'audit:read'];
    customer = await issueKey(platform, accountId, { preset: null, scopes, ...unlimited });
    answering = await issueKey(platform, accountId, {
      ...{ preset: null, scopes: ['calls:receive'], on_revoke: 'hangup', ...unlimited },
    });
    await wanted(platform, 'POST', '/api/v1/inventory/numbers', { number, account_id: accountId });
    let vn_id = '';
    await until('the account has the number', patienceMs, async () => {
      const [first] = (await ask('GET', '/virtual-numbers')).json as unknown as readonly { readonly id: string }[];
      vn_id = first?.id ?? '';
      return vn_id !== '';
    });
    const app = await ask('POST', '/voice/apps', {
      name: 'front desk',
      flow_url: `http://127.0.0.1:${String(port)}/flow`,
      webhook_url: 'http://127.0.0.1:9/webhooks',
      answering_key_id: answering.keyId,
      vn_ids: [vn_id],
    });
    expect(app).toMatchObject({ status: 201, json: { answering_key_id: answering.keyId } });
    appId = String(app.json['id']);
  });
  afterAll(async () => {
    flow.kill();
    await platform.discard();
  });

  it('is answered by the flow of the app of the number, and ends when the caller hangs up', async () => {
    const callId = await ring({ hangs_up_after_ms: 8_000 });
    expect(await callThat(callId, isOver)).toMatchObject({
      direction: 'inbound',
      voice_app_id: appId,
      from_number: caller,
      to_number: number,
      state: 'completed',
      reason: 'caller_hangup',
      properties: { key_id: answering.keyId, talk_time_ms: 8_000 },
      legs: [{ direction: 'inbound', role: 'caller', ended_by: 'caller' }],
    });
    expect(said).toContain(`${callId} step 1`);
    const authorization = await ask('GET', `/voice/calls/${callId}/authorization`);
    expect(authorization).toMatchObject({ status: 200 });
  });

  it('leaves nothing behind when the platform is killed while callers ring and talk', async () => {
    const callIds = await Promise.all(Array.from({ length: 8 }, () => ring({ hangs_up_after_ms: 3_600_000 })));
    await Promise.all(callIds.map((callId) => callThat(callId, ({ state }) => state === 'answered')));
    // These may ring before the kill, or once the platform is back: then they are calls as any other.
    await Promise.all(Array.from({ length: 8 }, () => ring({ hangs_up_after_ms: 5_000 })));
    await platform.kill9();
    platform = await platform.startAgain();
    for (const callId of callIds) expect(await callThat(callId, isOver)).toMatchObject({ reason: 'carrier_unknown' });
    await until('every call is over, and no money is reserved', patienceMs, async () => {
      const books = await reserved();
      return (await linesInUse()) === 0 && books.length > 0 && books.every((micros) => micros === '0');
    });
  });

  it('ends when the key that answered is revoked, and the next one is rejected with the reason', async () => {
    const callId = await ring({ hangs_up_after_ms: 3_600_000 });
    await callThat(callId, ({ state }) => state === 'answered');
    await wanted(platform, 'POST', `/api/v1/keys/${answering.keyId}/revoke`, { reason: 'leaked' });
    expect(await callThat(callId, isOver)).toMatchObject({ state: 'completed', reason: 'key_revoked' });
    const next = await ring();
    await until('the refusal is recorded', patienceMs, async () => {
      const path = `/api/v1/audit/events?account_id=${customer.accountId}&limit=500`;
      const { json } = await platform.ask(platform.keys.adminKey, 'GET', path);
      const { data } = json as { readonly data: readonly { readonly type: string; readonly bytes: string }[] };
      const refused = data.filter(({ type }) => type.startsWith('ringfence.call.refused.'));
      return refused.some(({ bytes }) => Buffer.from(bytes, 'base64').includes('"code":"key_revoked"'));
    });
    expect((await ask('GET', `/voice/calls/${next}`)).status).toBe(404);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
