import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FileCheckpoints, MemoryCheckpoints, RingfenceClient, type RingfenceEvent } from '@ringfence/sdk';
import { sharedTopics } from '@ringfence/testing/kafka/shared-broker';
import { issueKey, wanted } from './test-accounts.js';
import { PlatformProcess } from './platform-process.js';

const call = { from_number: '+15005550100', to_number: '+15005550000' };
const wide = {
  scopes: ['calls:write', 'calls:read', 'keys:write'],
  calls_per_second: 500,
  burst_calls: 500,
  lines_max: 500,
};

let platform: PlatformProcess;
let folder: string;
let brokers: readonly string[];
let kafkaKey: { readonly keyId: string; readonly privateKey: string };
let apiKey: string;
const clients: RingfenceClient[] = [];

/** A service of the demo account, as its README would have it. */
async function open(options: Partial<Parameters<typeof RingfenceClient.open>[0]> = {}): Promise<RingfenceClient> {
  const client = await RingfenceClient.open({
    account: platform.keys.accountId,
    source: 'urn:example:e2e',
    http: { url: platform.url, apiKey },
    kafka: { brokers, signingKey: kafkaKey },
    ...options,
  });
  clients.push(client);
  return client;
}

async function registerSigningKey(): Promise<typeof kafkaKey> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { kty, crv, x } = publicKey.export({ format: 'jwk' });
  const body = {
    account_id: platform.keys.accountId,
    label: 'e2e',
    mode: 'test',
    public_key: { kty, crv, x },
    ...wide,
  };
  const { id } = await wanted(platform, 'POST', '/api/v1/signing-keys', body);
  return { keyId: String(id), privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
}

/** Resolves once an event makes it true. */
function awaiting(holds: (events: readonly RingfenceEvent[]) => boolean) {
  const events: RingfenceEvent[] = [];
  let done: () => void = () => undefined;
  const seen = new Promise<void>((resolve) => (done = resolve));
  const onEvent = (event: RingfenceEvent) => {
    events.push(event);
    if (holds(events)) done();
  };
  return { events, seen, onEvent };
}

describe('a service that uses the SDK', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ringfence-sdk-'));
    const shared = await sharedTopics(basename(folder));
    brokers = shared.brokers;
    const env = {
      KAFKA_BROKERS: brokers.join(','),
      RINGFENCE_TOPIC_PREFIX: shared.topicPrefix,
      RINGFENCE_SANDBOX_SPEED: '100',
    };
    platform = await PlatformProcess.start({ env });
    kafkaKey = await registerSigningKey();
    apiKey = (await issueKey(platform, platform.keys.accountId, { ...wide, preset: null })).secret;
  }, 240_000);
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await platform.discard();
    await rm(folder, { recursive: true, force: true });
  });

  it('gets one outcome for one id, over Kafka and over HTTP', async () => {
    const client = await open();
    const id = randomUUID();
    const first = await client.send('place_call', call, { id });
    expect(first).toMatchObject({
      status: 'accepted',
      id,
      replayed: false,
      result: { callId: expect.stringMatching(/^cs_/) },
    });
    const again = await client.send('place_call', call, { id, over: 'http' });
    expect(again).toEqual({ ...first, replayed: true });
    expect(await client.send('place_call', call, { id })).toEqual({ ...first, replayed: true });
    const other = { ...call, to_number: '+15005550001' };
    for (const over of ['kafka', 'http'] as const) {
      const refused = await client.send('place_call', other, { id, over });
      expect(refused).toMatchObject({ status: 'refused', code: 'idempotency_key_reused' });
    }
  });

  it('reads a secret that only it can read, once', async () => {
    const client = await open();
    const id = randomUUID();
    const policy = { label: 'made over Kafka', mode: 'test', scopes: ['calls:write'] } as const;
    const issued = await client.send('issue_key', policy, { id });
    if (issued.status !== 'accepted') throw new Error(JSON.stringify(issued));
    const { secret, keyId } = issued.result;
    expect(secret).toMatch(/^rf_test_/);
    expect(await client.send('issue_key', policy, { id })).toMatchObject({
      replayed: true,
      result: { keyId, secret: null },
    });
    const http = await open({ http: { url: platform.url, apiKey: secret ?? '' }, kafka: undefined } as never);
    expect(await http.send('place_call', call)).toMatchObject({ status: 'accepted' });
    const revoked = await client.send('revoke_key', { key_id: keyId, reason: 'leaked' });
    expect(revoked).toMatchObject({ status: 'accepted', result: { keyId } });
    // Whether its gateway has seen it yet or not: nothing more is placed with it.
    const late = await http.send('place_call', call);
    expect(late).toMatchObject({ status: 'refused', code: expect.stringMatching(/^key_(not_accepted|revoked)$/) });
  });

  it('learns what is wrong before anything is sent, and the reason of a refusal', async () => {
    const client = await open();
    const wrong = client.send('place_call', { ...call, to_number: 'no number' });
    await expect(wrong).rejects.toMatchObject({
      code: 'command_field_invalid',
      message: expect.stringContaining('to_number'),
    });
    await expect(wrong).rejects.not.toMatchObject({ message: expect.stringContaining('no number') });
    const unknown = client.send('place_call', { ...call, colour: 'red' } as never);
    await expect(unknown).rejects.toMatchObject({ code: 'command_field_invalid' });
    const nobodys = { call_id: 'cs_01ARZ3NDEKTSV4RRFFQ69G5FAV' };
    for (const over of ['kafka', 'http'] as const) {
      const refused = await client.send('hang_up_call', nobodys, { over });
      expect(refused).toMatchObject({ status: 'refused', code: 'call_unknown', detail: expect.any(String) });
    }
  });

  it('retries with the same id while there is no answer, and dials once', async () => {
    const impatient = await open({ retry: { attemptTimeoutMs: 1, attemptsMax: 2, firstPauseMs: 1 } });
    const client = await open();
    const before = await client.send('place_call', call);
    const id = randomUUID();
    expect(await impatient.send('place_call', call, { id })).toMatchObject({ status: 'unknown', id });
    const placed = await client.send('place_call', call, { id });
    expect(placed.status).toBe('accepted');
    const after = await client.send('place_call', call);
    if (before.status !== 'accepted' || placed.status !== 'accepted' || after.status !== 'accepted')
      throw new Error(JSON.stringify([before, placed, after]));
    const last = after.result.callId;
    const { events, seen, onEvent } = awaiting((all) =>
      all.some(({ data }) => data.type === 'CallPlaced' && data.callId === last),
    );
    const consumer = await client.consume({ checkpoints: new MemoryCheckpoints(), onEvent });
    await seen;
    await consumer.stop();
    // Each call placed between the one before and the one after, whatever it is called: a second dial has a name of its
    // own.
    const ids: readonly string[] = events.flatMap(({ data }) => (data.type === 'CallPlaced' ? [data.callId] : []));
    const since = ids.slice(ids.indexOf(before.result.callId));
    expect(since).toEqual([before.result.callId, placed.result.callId, last]);
  });

  it('consumes every event of an account in order, goes on where it was, and has one again that it could not handle', async () => {
    const client = await open();
    const path = join(folder, 'checkpoints.json');
    const first = await client.send('place_call', call);
    if (first.status !== 'accepted') throw new Error(JSON.stringify(first));
    const ended = (callId: string) => (all: readonly RingfenceEvent[]) =>
      all.some(({ data }) => data.type === 'CallCompleted' && data.callId === callId);
    const one = awaiting(ended(first.result.callId));
    let failures = 0;
    const failing = (event: RingfenceEvent) => {
      if (event.version % 5 === 0 && failures < 3) {
        failures += 1;
        throw new Error('the database is away');
      }
      one.onEvent(event);
    };
    const before = await client.consume({ checkpoints: new FileCheckpoints(path), onEvent: failing });
    await one.seen;
    expect(failures).toBe(3);
    await before.stop();
    expect(await before.ended).toBeNull();
    const second = await client.send('place_call', call);
    if (second.status !== 'accepted') throw new Error(JSON.stringify(second));
    const two = awaiting(ended(second.result.callId));
    const after = await client.consume({ checkpoints: new FileCheckpoints(path), onEvent: two.onEvent });
    await two.seen;
    const versions = [...one.events, ...two.events]
      .filter(({ stream }) => stream === platform.keys.accountId)
      .map(({ version }) => Number(version));
    expect(versions).toEqual(versions.map((_, at) => at + 1));
    const cost = two.events.flatMap(({ data }) => (data.type === 'CallCompleted' ? [data.chargedMicros] : []));
    expect(cost.every((micros) => typeof micros === 'bigint')).toBe(true);
    await after.stop();
  });
});
