import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RingfenceClient } from '@ringfence/sdk';
import { PlatformProcess } from './platform-process.js';

const call = { from_number: '+15005550100', to_number: '+15005550000' };

let platform: PlatformProcess;
let client: RingfenceClient;

describe('a service that uses the SDK with nothing but an API key', () => {
  beforeAll(async () => {
    platform = await PlatformProcess.start();
    const { accountId: account, sandboxKey } = platform.keys;
    client = await RingfenceClient.open({ account, http: { url: platform.url, apiKey: sandboxKey } });
  });
  afterAll(async () => {
    await client.close();
    await platform.discard();
  });

  it('gets one outcome for one id, whether the platform was there all the time or was killed between', async () => {
    const id = randomUUID();
    const first = await client.send('place_call', call, { id });
    const result = { callId: expect.stringMatching(/^cs_/), warnings: [] };
    expect(first).toMatchObject({ status: 'accepted', id, replayed: false, result });
    await platform.kill9();
    platform = await platform.startAgain();
    expect(await client.send('place_call', call, { id })).toEqual({ ...first, replayed: true });
  });

  it('learns what is wrong before anything is sent, and the reason of a refusal', async () => {
    const wrong = client.send('place_call', { ...call, to_number: 'no number' });
    await expect(wrong).rejects.toMatchObject({ code: 'command_field_invalid' });
    const nobodys = { call_id: 'cs_01ARZ3NDEKTSV4RRFFQ69G5FAV' };
    expect(await client.send('hang_up_call', nobodys)).toMatchObject({ status: 'refused', code: 'call_unknown' });
  });

  it('reads a call, waits for its end and finds it in the list', async () => {
    const outcome = await client.send('place_call', { ...call, to_number: '+15005552002' });
    if (outcome.status !== 'accepted') throw new Error(JSON.stringify(outcome));
    const { callId } = outcome.result;
    expect(await client.calls.get(callId)).toMatchObject({ id: callId, toNumber: '+15005552002' });
    const ended = await client.calls.untilEnded(callId);
    expect(ended).toMatchObject({ state: 'completed', reason: 'callee_hangup', charge: { currency: 'USD' } });
    expect(ended.charge?.amountMicros).toBeGreaterThan(0n);
    expect(ended.endedAt?.getTime()).toBeGreaterThan(ended.createdAt.getTime());
    const page = await client.calls.list({ toNumber: '+15005552002', state: 'completed' });
    expect(page).toEqual({ calls: [ended], nextCursor: null });
  });

  it('stops waiting for an end when its time is over, and when its key is revoked', async () => {
    const { adminKey, accountId } = platform.keys;
    const wanted = { account_id: accountId, label: 'short-lived', mode: 'test', preset: 'Make calls' };
    const issued = await platform.ask(adminKey, 'POST', '/api/v1/keys', wanted);
    const { id: keyId, secret } = issued.json as { readonly id: string; readonly secret: string };
    const shortLived = await RingfenceClient.open({ account: accountId, http: { url: platform.url, apiKey: secret } });
    const outcome = await shortLived.send('place_call', { ...call, to_number: '+15005550006' });
    if (outcome.status !== 'accepted') throw new Error(JSON.stringify(outcome));
    const { callId } = outcome.result;
    expect(await shortLived.calls.get(callId)).toMatchObject({ id: callId, charge: null });
    await expect(shortLived.calls.untilEnded(callId, { timeoutMs: 500 })).rejects.toMatchObject({
      code: 'call_not_ended',
      retryable: true,
    });
    const waiting = shortLived.calls.untilEnded(callId);
    const refused = expect(waiting).rejects.toMatchObject({ code: 'key_not_accepted' });
    expect((await platform.ask(adminKey, 'POST', `/api/v1/keys/${keyId}/revoke`, { reason: 'leaked' })).status).toBe(
      200,
    );
    await refused;
    await shortLived.close();
    await expect(client.calls.get('cs_01ARZ3NDEKTSV4RRFFQ69G5FAV')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('learns what it cannot do without Kafka', async () => {
    await expect(client.send('place_call', call, { over: 'kafka' })).rejects.toMatchObject({ code: 'options_wrong' });
  });
});
