import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { unlimited } from './test-accounts.js';
import { PlatformProcess } from './platform-process.js';

const initiate = '/api/v1/voice/calls/initiate';
/** Rings until it is hung up. */
const ringing = '+15005550006';
const calls = 300;
/** Bytes that a page may have, and of what surrounds its items. */
const pageBytesMax = 524_288 + 1_024;
type Events = {
  readonly data: readonly { readonly position: string; readonly stream_version: number }[];
  readonly next: string;
  readonly has_more: boolean;
};

describe('lists', () => {
  let platform: PlatformProcess;
  let reader: string;
  let accountId: string;

  beforeAll(async () => {
    platform = await PlatformProcess.start({ env: { RINGFENCE_LOG_LEVEL: 'warn' } });
    const opened = await asked(platform.keys.adminKey, 'POST', '/api/v1/accounts', { name: 'Reader', currency: 'USD' });
    accountId = (opened as { readonly id: string }).id;
    await asked(platform.keys.adminKey, 'POST', `/api/v1/accounts/${accountId}/verify`, {});
    const credit = { mode: 'test', amount_micros: '1000000000' };
    await asked(platform.keys.adminKey, 'POST', `/api/v1/accounts/${accountId}/credit`, credit);
    reader = await keyOf(accountId);
    const body = {
      from_number: '+15005550100',
      to_number: '+15005550003',
      flow_url: `https://example.com/${'f'.repeat(1_900)}`,
    };
    for (let call = 0; call < calls; call += 20)
      await Promise.all(Array.from({ length: 20 }, () => asked(reader, 'POST', initiate, body)));
  });
  afterAll(async () => {
    await platform.discard();
  });

  async function asked(key: string, method: string, path: string, body?: object): Promise<unknown> {
    const { status, json } = await platform.ask(key, method, path, body);
    if (status >= 300) throw new Error(`${path}: ${String(status)} ${JSON.stringify(json)}`);
    return json;
  }

  async function keyOf(account: string): Promise<string> {
    const scopes = ['calls:write', 'calls:read', 'audit:read'];
    const issue = { account_id: account, label: 'lists', mode: 'test', scopes, ...unlimited };
    return ((await asked(platform.keys.adminKey, 'POST', '/api/v1/keys', issue)) as { readonly secret: string }).secret;
  }

  it('of events have pages of bounded bytes, on which every event comes once', async () => {
    let from = '';
    const versions: number[] = [];
    let pages = 0;
    for (let more = true; more; pages += 1) {
      const answer = await fetch(`${platform.url}/api/v1/audit/events?account_id=${accountId}&limit=500${from}`, {
        headers: { 'x-api-key': platform.keys.adminKey },
      });
      const text = await answer.text();
      expect([answer.status, text.length <= pageBytesMax]).toEqual([200, true]);
      const page = JSON.parse(text) as Events;
      versions.push(...page.data.map((event) => event.stream_version));
      [more, from] = [page.has_more, `&from=${page.next}`];
    }
    expect(pages).toBeGreaterThan(2);
    expect(versions.length).toBeGreaterThan(calls);
    expect(versions).toEqual(versions.map((_, at) => at + 1));
  });

  it('that are asked for and never read hold up nobody else: each of a neighbour’s calls is accepted, and the gateway stays ready', async () => {
    const neighbour = await keyOf(platform.keys.accountId);
    const memoryBefore = await memoryBytes();
    const sockets = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = connect(platform.port, '127.0.0.1').on('error', () => undefined);
        await once(socket, 'connect');
        return socket.pause();
      }),
    );
    for (const [at, socket] of sockets.entries()) {
      const path = at % 2 === 0 ? '/api/v1/audit/events?limit=500' : '/api/v1/voice/calls?limit=100';
      socket.write(`GET ${path} HTTP/1.1\r\nhost: here\r\nx-api-key: ${reader}\r\n\r\n`.repeat(30));
    }
    const body = { from_number: '+15005550100', to_number: ringing, flow_url: 'https://example.com/flow' };
    for (let call = 0; call < 20; call += 1) {
      const { id } = (await asked(neighbour, 'POST', initiate, body)) as { readonly id: string };
      expect(await asked(neighbour, 'GET', `/api/v1/voice/calls/${id}`)).toMatchObject({ id });
      await asked(neighbour, 'POST', `/api/v1/voice/calls/${id}/hangup`, {});
      expect((await platform.ask(neighbour, 'GET', '/health/ready')).status).toBe(200);
    }
    expect((await memoryBytes()) - memoryBefore).toBeLessThan(256 * 1_048_576);
    for (const socket of sockets) socket.destroy();
    expect(await asked(reader, 'GET', '/api/v1/voice/calls?limit=1')).toMatchObject({ has_more: true });
  });

  async function memoryBytes(): Promise<number> {
    const text = await (await fetch(`${platform.url}/metrics`)).text();
    return Number(/^ringfence_process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]);
  }
});
