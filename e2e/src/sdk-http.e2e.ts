import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RingfenceClient } from '@ringfence/sdk';
import { PlatformProcess } from './platform-process.js';

const call = { from_number: '+15005550100', to_number: '+15005550000', flow_url: 'https://example.com/flow' };

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
    const result = { callId: expect.stringMatching(/^cs_/), warnings: ['flow_not_run'] };
    expect(first).toMatchObject({ status: 'accepted', id, replayed: false, result });
    await platform.kill9();
    platform = await platform.startAgain();
    expect(await client.send('place_call', call, { id })).toEqual({ ...first, replayed: true });
  });

  it('is told what is wrong before anything is sent, and what is refused with its reason', async () => {
    const wrong = client.send('place_call', { ...call, to_number: 'no number' });
    await expect(wrong).rejects.toMatchObject({ code: 'command_field_invalid' });
    const nobodys = { call_id: 'cs_01ARZ3NDEKTSV4RRFFQ69G5FAV' };
    expect(await client.send('hang_up_call', nobodys)).toMatchObject({ status: 'refused', code: 'call_unknown' });
  });

  it('is told what it cannot do without Kafka', async () => {
    await expect(client.send('place_call', call, { over: 'kafka' })).rejects.toMatchObject({ code: 'options_wrong' });
  });
});
