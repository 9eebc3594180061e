import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PlatformProcess } from './platform-process.js';

type Json = Readonly<Record<string, unknown>>;
type Rate = { readonly per_minute_micros: string; readonly connect_fee_micros: string };
type Charge = { readonly amount_micros: string; readonly talk_time_ms: number; readonly billed_ms: number };
type Line = { readonly account: string; readonly amount_micros: string };
type Entry = { readonly subject: string; readonly key_id: string; readonly lines: readonly Line[] };
const call = { from_number: '+15005550100', to_number: '+15005550000' };

let platform: PlatformProcess;

async function read(path: string): Promise<Json> {
  const answer = await platform.ask(platform.keys.sandboxKey, 'GET', path);
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.json as Json;
}
/** The call, when its end is in the read model. */
async function ended(id: string): Promise<Json> {
  for (;;) {
    const body = await read(`/api/v1/voice/calls/${id}`);
    if (body['ended_at'] !== null) return body;
  }
}

describe('what a call costs', () => {
  let id: string;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ env: { RINGFENCE_SANDBOX_SPEED: '50' } });
    const placed = await platform.ask(platform.keys.sandboxKey, 'POST', '/api/v1/voice/calls/initiate', call);
    await platform.ask(platform.keys.sandboxKey, 'POST', '/api/v1/voice/calls/initiate', call);
    id = String((placed.json as Json)['id']);
  });
  afterAll(async () => {
    await platform.discard();
  });

  it('is in the call: the price it was placed at, and how the charge was calculated', async () => {
    const { rate, charge } = (await ended(id))['properties'] as { readonly rate: Rate; readonly charge: Charge };
    expect(rate).toMatchObject({
      prefix: '1500555',
      currency: 'USD',
      deck_version: 1,
      minimum_ms: 1_000,
      increment_ms: 1_000,
    });
    expect(charge).toMatchObject({ currency: 'USD' });
    expect(charge.talk_time_ms).toBeGreaterThan(0);
    expect(charge.billed_ms).toBe(Math.ceil(charge.talk_time_ms / 1_000) * 1_000);
    const minutePrice = BigInt(rate.per_minute_micros);
    const price = (minutePrice * BigInt(charge.billed_ms) + 59_999n) / 60_000n + BigInt(rate.connect_fee_micros);
    expect(charge).toMatchObject({
      amount_micros: String(price),
      calculation: expect.stringContaining(`${String(price)} micros.`),
    });
  });

  it('is in the ledger, whose entries are found by call, by key and by time', async () => {
    const body = await ended(id);
    const { charge, key_id: keyId } = body['properties'] as { readonly charge: Charge; readonly key_id: string };
    const entries = async (query: string) => (await read(`/api/v1/ledger/entries?${query}`))['data'] as Entry[];
    const ofCall = await entries(`call_id=${id}`);
    expect(new Set(ofCall.map(({ subject }) => subject))).toEqual(new Set([id]));
    const revenue = ofCall.flatMap(({ lines }) => lines).filter(({ account }) => account === 'revenue');
    expect(revenue.map(({ amount_micros: amount }) => amount)).toEqual([`-${charge.amount_micros}`]);
    const ofKey = await entries(`key_id=${keyId}`);
    expect(new Set(ofKey.map(({ key_id: key }) => key))).toEqual(new Set([keyId]));
    const placedAt = encodeURIComponent(String(body['created_at']));
    expect((await entries(`decided_before=${placedAt}`)).map(({ key_id: key }) => key)).toEqual([null]); // the credit
    expect((await entries(`call_id=${id}&decided_after=${placedAt}`)).length).toBe(ofCall.length);
    expect(await read('/api/v1/ledger')).toMatchObject({ account_id: body['account_id'], currency: 'USD' });
  });
});
