import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sharedKafka } from '@ringfence/testing/kafka/shared-broker';
import { laneOf } from '@ringfence/kernel/lane';
import type { StreamId } from '@ringfence/kernel/ids';
import { compactDecrypt } from 'jose';
import { dlq } from './dead-letters.js';
import { issueKey, patienceMs, placeCall } from './test-accounts.js';
import { ofType, readLog } from './log-reader.js';
import { OutsideClient, type PlatformKeysAnswer, type SignedRecord } from './outside-client.js';
import { PlatformProcess } from './platform-process.js';
import { Kafkajs, Kcat, type ReadRecord, untilFound } from './stock-clients.js';
import { databaseTraces, leaks } from './traces.js';

const retryAfterMs = 250;
const call = { from_number: '+15005550199', to_number: '+15005550000', flow_url: 'http://127.0.0.1:9/flow-of-spec' };
const replies = 5;
const watermarksType = 'ringfence.feed.watermarks.v1';

let brokers: readonly string[];
let platform: PlatformProcess;
let keys: PlatformKeysAnswer;
let kcat: Kcat;
let kafka: Kafkajs;
let client: OutsideClient;
let accountId: string;
let keyId: string;
const undo: (() => Promise<void>)[] = [];

/** Retries as a careful client does, while the outcome is unknown or the answer is not now. */
async function patiently<Answer>(ask: () => Promise<Answer>, isAnswer: (answer: Answer) => boolean): Promise<Answer> {
  for (const deadline = performance.now() + patienceMs; ;) {
    const answer = await ask();
    if (isAnswer(answer) || performance.now() > deadline) return answer;
    await sleep(retryAfterMs);
  }
}

/** Requests as the operator, under an id of its own, so that it happens once. */
async function wanted(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const id = { 'idempotency-key': randomUUID() };
  const ask = () => platform.ask(platform.keys.adminKey, method, `/api/v1${path}`, body, id);
  const { status, json } = await patiently(ask, (answer) => answer.status < 500);
  if (status > 299) throw new Error(`${method} ${path}: ${String(status)} ${JSON.stringify(json)}`);
  return json as Record<string, unknown>;
}

const called = (secret: string, id: string) =>
  patiently(
    () => placeCall(platform, secret, call.to_number, id, { flow_url: call.flow_url }),
    ({ status }) => status > 0 && status < 500,
  );

/** One whose key librdkafka hashes to another partition than its lane's: one in 64 is not. */
async function accountAstray(): Promise<string> {
  const name = 'Signing over Kafka';
  const account = String((await wanted('POST', '/accounts', { name, currency: 'USD' }))['id']);
  await wanted('POST', `/accounts/${account}/verify`, {});
  await wanted('POST', `/accounts/${account}/credit`, { mode: 'test', amount_micros: '100000000' });
  const astray = crc32(account) % keys.partitions !== laneOf(account as StreamId, keys.partitions);
  return astray ? account : accountAstray();
}

async function register(scopes: readonly string[]): Promise<string> {
  const policy = { scopes, calls_per_second: 100, burst_calls: 100 };
  const body = { account_id: accountId, label: 'orders', mode: 'test', public_key: client.publicKey, ...policy };
  return String((await wanted('POST', '/signing-keys', body))['id']);
}

beforeAll(async () => {
  const shared = await sharedKafka();
  if (shared === null) throw new Error('the run has no broker');
  brokers = shared.brokers;
  kcat = await Kcat.find(brokers);
  platform = await PlatformProcess.start({ env: { RINGFENCE_LOG_LEVEL: 'trace', RINGFENCE_SANDBOX_SPEED: '50' } });
  undo.push(() => platform.discard());
  keys = (await wanted('GET', '/platform-keys')) as unknown as PlatformKeysAnswer;
  const { commands, replies: replied, events, watermarks } = keys.topics;
  kafka = await Kafkajs.connect(brokers, `${commands}.orders`, [replied, events, watermarks, `${commands}.dlq`]);
  undo.push(() => kafka.close());
  client = new OutsideClient(keys);
  accountId = await accountAstray();
  keyId = await register(['calls:write', 'keys:write', 'calls:read', 'streams:connect']);
});
afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

const replyTo = (id: string) => `${String(replies)}.${id}`;
const isReplyTo = (id: string) => (record: ReadRecord) => record.headers['ce_replyto'] === replyTo(id);
const bodyOf = ({ value }: ReadRecord) => JSON.parse(value) as { readonly [name: string]: unknown };
const heard = async (id: string) => bodyOf(await kafka.first(keys.topics.replies, isReplyTo(id)));

async function placing(
  id: string,
  change: Partial<Parameters<OutsideClient['record']>[1]> = {},
): Promise<SignedRecord> {
  const fields = await client.sealed(accountId, call);
  return client.record(keyId, { name: 'place_call', id, subject: accountId, fields, replyTo: replyTo(id), ...change });
}

/** The event that came of a call, as kafkajs and as kcat read it. */
/** Finds the event, in whichever version this release writes it. */
async function eventOf(callId: unknown, type: string): Promise<void> {
  const isIt = ({ headers, value }: ReadRecord) =>
    headers['ce_type']?.startsWith(`ringfence.${type}.`) === true && value.includes(String(callId));
  const one = await kafka.first(keys.topics.events, isIt);
  const other = await untilFound(async () => (await kcat.read(keys.topics.events, one.partition)).find(isIt));
  expect(other.value).toBe(one.value);
}

describe('a command that is signed outside', () => {
  it('is published with kafkajs, decided, answered, and seen as an event', async () => {
    await kafka.publish(keys.topics.commands, await placing('with-kafkajs'));
    const reply = await heard('with-kafkajs');
    expect(reply).toMatchObject({ status: 'accepted', replayed: false });
    const callId = (reply['result'] as { call_id: string }).call_id;
    const byKcat = await untilFound(async () =>
      (await kcat.read(keys.topics.replies, replies)).find(isReplyTo('with-kafkajs')),
    );
    expect(bodyOf(byKcat)).toEqual(reply);
    await eventOf(callId, 'call.placed');
    await eventOf(callId, 'call.answered');
  });

  it('is published with kcat, which hashes its key otherwise, and passed on to its lane', async () => {
    const record = await placing('with-kcat');
    await kcat.publish(keys.topics.commands, record);
    expect(await heard('with-kcat')).toMatchObject({ status: 'accepted', replayed: false });
    const stood = (await kcat.read(keys.topics.commands)).filter(({ headers }) => headers['ce_id'] === 'with-kcat');
    const [stray, lane] = [crc32(accountId) % keys.partitions, laneOf(accountId as StreamId, keys.partitions)];
    expect(new Set(stood.map(({ partition }) => partition))).toEqual(new Set([stray, lane]));
    expect(new Set(stood.map(({ value }) => value))).toEqual(new Set([record.value]));
  });

  it('has one outcome with the same id over HTTP, whichever came first', async () => {
    // Shown once: one whose answer was not heard is left alone, and another issued.
    const issue = () => issueKey(platform, accountId, {}).catch(() => undefined);
    const issued = await patiently(issue, (key) => key !== undefined);
    if (issued === undefined) throw new Error('no key was issued');
    const { secret } = issued;
    await kafka.publish(keys.topics.commands, await placing('both-ways-1'));
    const first = await heard('both-ways-1');
    const overHttp = await called(secret, 'both-ways-1');
    expect(overHttp).toMatchObject({ status: 202, callId: (first['result'] as { call_id: string }).call_id });
    const before = await called(secret, 'both-ways-2');
    await kafka.publish(keys.topics.commands, await placing('both-ways-2'));
    const replayed = { status: 'accepted', replayed: true, result: { call_id: before.callId } };
    expect(await heard('both-ways-2')).toMatchObject(replayed);
    const placed = ofType(await readLog(platform.dataDir), 'call.placed').filter(({ stream }) => stream === accountId);
    expect(new Set(placed.map(({ data }) => data['callId'])).size).toBe(placed.length);
  });

  it('gets a new secret that nobody else can read', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('x25519');
    const { kty, crv, x } = publicKey.export({ format: 'jwk' });
    const id = 'a-secret';
    const label = await client.sealed(accountId, { label: 'Night shift' });
    const fields = { ...label, mode: 'test', preset: 'Make calls' };
    const issuing = {
      name: 'issue_key',
      id,
      subject: accountId,
      fields,
      replyTo: replyTo(id),
      replyKey: { kty, crv, x },
    };
    await kafka.publish(keys.topics.commands, client.record(keyId, issuing));
    const { result } = await heard(id);
    const secret = await opened((result as { secret_jwe: string }).secret_jwe, privateKey);
    expect(await called(secret, 'with-the-secret')).toMatchObject({ status: 202 });
    await nothingIsLeftOf(secret);
  });

  it('is rejected, answered so, and recorded in the log, when it is not what was signed', async () => {
    const record = await placing('altered');
    await kafka.publish(keys.topics.commands, {
      ...record,
      headers: { ...record.headers, ce_source: 'urn:example:mallory' },
    });
    expect(await heard('altered')).toMatchObject({ status: 'failed', code: 'signature_invalid' });
    const isIt = ({ headers, value }: ReadRecord) =>
      headers['ce_type'] === 'ringfence.audit.command_turned_away.v3' && value.includes('signature_invalid');
    const event = await kafka.first(keys.topics.events, isIt);
    expect(bodyOf(event)).toMatchObject({
      stream: accountId,
      data: { presentedKeyId: keyId, commandType: 'place_call' },
    });
  });

  it('leaves no trace of a number in clear but in its own record', async () => {
    const fields = { ...(await client.sealed(accountId, call)), to_number: '+15005557391' };
    await kafka.publish(keys.topics.commands, await placing('in-clear', { fields }));
    expect(await heard('in-clear')).toMatchObject({ status: 'failed', code: 'personal_value_in_clear' });
    const nobody = await placing('no-account', { fields });
    await kafka.publish(keys.topics.commands, {
      ...nobody,
      key: 'nobody',
      headers: { ...nobody.headers, ce_subject: '+15005557391' },
    });
    await kafka.first(deadLetters(), isWithheld);
    for (const text of ['5005557391', call.from_number, call.flow_url]) await nothingIsLeftOf(text);
  });

  it('cannot be sent again from its dead letter: only its sender has it', async () => {
    const topicPrefix = keys.topics.commands.replace(/\.commands$/, '');
    await kafka.first(deadLetters(), isWithheld);
    const [letter] = await dlq({ brokers, topicPrefix }, 'list');
    expect(letter).toMatchObject({ key: 'withheld' });
    const retried = await dlq({ brokers, topicPrefix }, 'retry', String(letter?.['place'])).then(
      () => 'it was sent again',
      String,
    );
    expect(retried).toContain('its sender has to publish it again');
  });

  it('is refused once its key is revoked, with a reply and an event', async () => {
    await wanted('POST', `/keys/${keyId}/revoke`, { reason: 'leaked' });
    await kcat.publish(keys.topics.commands, await placing('revoked'));
    expect(await heard('revoked')).toMatchObject({ status: 'refused', refusal: { code: 'key_revoked' } });
    const refused = ofType(await readLog(platform.dataDir), 'call.refused');
    expect(refused.filter(({ json }) => json['presentedkeyid'] === keyId)).toMatchObject([
      { data: { code: 'key_revoked' } },
    ]);
  });
});

async function opened(jwe: string, key: KeyObject): Promise<string> {
  const { plaintext } = await compactDecrypt(jwe, key);
  return Buffer.from(plaintext).toString();
}

const isWithheld = ({ headers }: ReadRecord) => headers['dlq_withheld'] === 'true';
const deadLetters = () => `${keys.topics.commands}.dlq`;

/**
 * Waits until kafkajs has read the account's events up to this moment: watermarks say which is the last of its
 * partition.
 */
async function readToHere(): Promise<void> {
  const now = new Date().toISOString();
  const partition = laneOf(accountId as StreamId, keys.partitions);
  const isLater = ({ headers }: ReadRecord) =>
    headers['ce_type'] === watermarksType && (headers['ce_time'] ?? '') > now;
  const { value } = await kafka.first(keys.topics.watermarks, isLater);
  const { ends } = JSON.parse(value) as { readonly ends: readonly ([position: string, id: string] | null)[] };
  const last = ends[partition];
  if (last) await kafka.first(keys.topics.events, ({ headers }) => headers['ce_id'] === last[1]);
}

/**
 * Checks that it is in no topic but that of the commands, where its sender put it; in no table, and in no line of the
 * log.
 */
async function nothingIsLeftOf(text: string): Promise<void> {
  await readToHere();
  const topics = [keys.topics.replies, keys.topics.events, deadLetters()].map((topic) => {
    const bytes = Buffer.from(JSON.stringify(kafka.seenOf(topic)));
    return { place: topic, bytes };
  });
  const traces = [
    ...topics,
    { place: 'standard error', bytes: Buffer.from(platform.stderr) },
    ...(await databaseTraces(platform.dataDir)),
  ];
  expect(leaks([{ name: 'what was sent', value: text }], traces)).toEqual([]);
}
