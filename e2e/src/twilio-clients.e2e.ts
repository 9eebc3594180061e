import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAccountId, parseCallId, parseKeyId, parseVoiceAppId } from '@ringfence/kernel/ids';
import { sidOf } from '@ringfence/wire/twilio/twilio-sid';
import twilio from 'twilio';
import { PlatformProcess } from './platform-process.js';
import { StockPython } from './teler-python.js';

const from = '+15005550100';

let platform: PlatformProcess;
let python: StockPython;
let accountSid: string;
let applicationSid: string;
let appId: string;
let keySid: string;

beforeAll(async () => {
  [python, platform] = await Promise.all([
    StockPython.install('twilio==9.13.0'),
    PlatformProcess.start({ env: { RINGFENCE_SANDBOX_SPEED: '20' } }),
  ]);
  const { data } = await ask('GET', 'virtual-numbers?search=0100');
  const [number] = data as readonly { readonly id: string }[];
  const app = { name: 'Front desk', flow_url: 'https://example.com/flow', webhook_url: 'https://example.com/webhooks' };
  const { id } = await ask('POST', 'voice/apps', { ...app, vn_ids: [number?.id] });
  appId = String(id);
  const { data: keys } = await ask('GET', 'keys');
  const key = (keys as readonly { readonly id: string; readonly mode: string }[]).find(({ mode }) => mode === 'test');
  const ids = [
    parseAccountId(platform.keys.accountId),
    parseVoiceAppId(String(id)),
    parseKeyId(key?.id ?? ''),
  ] as const;
  const [accountId, voiceAppId, keyId] = ids;
  if (accountId === undefined || voiceAppId === undefined || keyId === undefined) throw new Error('no ids');
  [accountSid, applicationSid, keySid] = [sidOf('acc', accountId), sidOf('va', voiceAppId), sidOf('key', keyId)];
});
afterAll(async () => {
  await platform.discard();
  await python.discard();
});

async function ask(method: string, path: string, body?: object): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(`${platform.url}/api/v1/${path}`, {
    method,
    headers: { 'x-api-key': platform.keys.sandboxKey, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${String(answer.status)} ${await answer.text()}`);
  return (await answer.json()) as Readonly<Record<string, unknown>>;
}

describe('the stock Twilio client from PyPI, with base URL and credentials changed', () => {
  let said: Readonly<Record<string, unknown>>;
  beforeAll(async () => {
    const { url, keys } = platform;
    said = await python.execute('twilio/calls.py', [url, accountSid, keys.sandboxKey, applicationSid]);
  });

  it('places a call with its application, and fetches it until its end', () => {
    const created = {
      ...{ sid: expect.stringMatching(/^CA[0-9a-f]{32}$/), account_sid: accountSid, direction: 'outbound-api' },
      ...{ from_: from, to: '+15005550000', api_version: '2010-04-01', price_unit: 'USD' },
      ...{ date_created: expect.any(String), start_time: expect.any(String) },
    };
    expect(said['created']).toEqual({ ...created, status: 'queued', duration: null, price: null, end_time: null });
    const { sid } = said['created'] as { readonly sid: string };
    expect(said['completed']).toEqual({
      ...{ ...created, sid, status: 'completed', duration: '10', price: '-0.00200', end_time: expect.any(String) },
    });
    expect(said['busy']).toMatchObject({ status: 'busy', duration: '0', price: '0.00000' });
  });

  it('places calls that run under the app, as the rest of the API shows them', async () => {
    const { data } = await ask('GET', `voice/calls?voice_app_id=${appId}&limit=100`);
    const found = (data as readonly { readonly id: string; readonly voice_app_id: string }[]).map((call) => {
      const callId = parseCallId(call.id);
      return [callId && sidOf('cs', callId), call.voice_app_id];
    });
    expect(found).toEqual((said['all'] as readonly string[]).map((sid) => [sid, appId]));
  });

  it('ends a call, cancels one that rings, and hears what came too late', () => {
    const { talking, too_late, ended, ended_as, ended_again, canceled, canceled_as } = said;
    expect({ talking, too_late, ended, ended_as, ended_again, canceled, canceled_as }).toEqual({
      ...{ talking: 'in-progress', too_late: [400, 21_220], ended: expect.stringMatching(/^CA/) },
      ...{ ended_as: 'completed', ended_again: [404, 20_404], canceled: true, canceled_as: 'canceled' },
    });
  });

  it('lists calls page by page, and by number, status and time', () => {
    const { listed, all, first_two, of_status, to, today, before, pages } = said as Record<string, readonly string[]>;
    expect(listed).toEqual(all);
    expect(first_two).toEqual(all?.slice(0, 2));
    expect(pages).toEqual([all?.slice(0, 3), all?.slice(3)]);
    expect(of_status).toEqual({ completed: 2, busy: 1, canceled: 1, queued: 0 });
    expect(to).toEqual(all?.slice(2, 3));
    expect([today, before]).toEqual([4, 0]);
  });

  it('raises its exception with the number of each error', () => {
    expect(said['refused']).toEqual({
      ...{ url: [400, 21_205], twiml: [400, 20_001], to: [400, 21_211], from: [400, 21_218], record: [400, 20_001] },
      ...{ unknown: [404, 20_404], delete: [405, 20_004], page_size: [400, 20_007] },
      ...{ key: [401, 20_003], account: [401, 20_003] },
    });
  });
});

describe('the stock Twilio client from npm, with base URL and credentials changed', () => {
  const clientWith = (user: string, password: string, account: string) => {
    const client = twilio(user, password, { accountSid: account });
    client.api.baseUrl = platform.url;
    return client;
  };
  const failed = (act: Promise<unknown>) =>
    act.then(
      () => undefined,
      (error: unknown) => error,
    );

  it('places, fetches, lists and ends a call, as the account or as the key', async () => {
    for (const user of [accountSid, keySid]) {
      const client = clientWith(user, platform.keys.sandboxKey, accountSid);
      const created = await client.calls.create({ to: '+15005551000', from, applicationSid });
      expect(created).toMatchObject({ status: 'queued', from, to: '+15005551000', dateCreated: expect.any(Date) });
      expect((await client.calls(created.sid).fetch()).sid).toBe(created.sid);
      expect((await client.calls.list({ limit: 1 })).map(({ sid }) => sid)).toEqual([created.sid]);
      const updated = await client.calls(created.sid).update({ status: 'completed' });
      expect(updated.sid).toBe(created.sid);
    }
  });

  it('throws its error with the number of each', async () => {
    const client = clientWith(accountSid, platform.keys.sandboxKey, accountSid);
    expect(await failed(client.calls(`CA${'0'.repeat(32)}`).fetch())).toMatchObject({ status: 404, code: 20_404 });
    expect(await failed(client.calls.create({ to: '+15005550000', from, twiml: '<Response/>' }))).toMatchObject({
      ...{ status: 400, code: 20_001, moreInfo: 'https://www.twilio.com/docs/errors/20001' },
      message: expect.stringContaining('Twiml is not supported in this release'),
    });
    const stranger = clientWith(accountSid, 'rf_test_wrong', accountSid);
    expect(await failed(stranger.calls.list({ limit: 1 }))).toMatchObject({ status: 401, code: 20_003 });
  });
});
