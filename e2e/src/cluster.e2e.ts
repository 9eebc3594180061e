import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KafkaMessageBus } from '@ringfence/messaging-kafka/kafka-message-bus';
import { readBinary } from '@ringfence/wire/cloud-event';
import type { AccountId } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import { transact, writeUndecodable } from '@ringfence/testing/kafka/transacting-producer';
import { ClusterOfProcesses } from './cluster-of-processes.js';
import { dlq as dlqOf } from './dead-letters.js';
import { readLog } from './log-reader.js';

const call = { from_number: '+15005550100', to_number: '+15005550000' };
const tries = 180;
const retryAfterMs = 500;
/** Well below the 15 minutes for which a broker lets a transaction stay open. */
const minuteMs = 60_000;

/** Time within which every gateway learns of an event, also on a busy machine. */
const learnedWithinMs = 5_000;

let cluster: ClusterOfProcesses;
/** Places and reads; wide enough for a machine of any speed. */
let ownKey: string;
let adminKey: string;

async function ask(gateway: number, key: string, method: string, path: string, body?: object, headers = {}) {
  const answer = await fetch(`${cluster.urls[gateway] ?? ''}/api/v1${path}`, {
    method,
    headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  return { status: answer.status, json, isStale: answer.headers.has('ringfence-stale') };
}

const wide = { calls_per_second: 500, burst_calls: 500, lines_max: 500 };

/** A key of its own, wide enough for a crowd. */
async function issue(label: string, scopes: readonly string[] = ['calls:write']) {
  const policy = { label, mode: 'test', scopes, project: 'p', application: 'a', ...wide };
  const body = { account_id: await cluster.key('demo-account'), ...policy };
  const issued = () => ask(0, adminKey, 'POST', '/keys', body);
  let { status, json } = await issued();
  // A cluster that has just come up may have lanes that nobody has yet; a key too many harms nobody.
  for (let attempt = 1; status === 503 && attempt < tries; attempt += 1) {
    await sleep(retryAfterMs);
    ({ status, json } = await issued());
  }
  expect({ status, json }).toMatchObject({ status: 201 });
  return { keyId: String(json['id']), secret: String(json['secret']) };
}

/** Places a call as a careful client does: retries with the same Idempotency-Key while it is asked to. */
async function placed(gateway: number, key: string, id: string = randomUUID()): Promise<string> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const { status, json } = await ask(gateway, key, 'POST', '/voice/calls/initiate', call, { 'idempotency-key': id });
    if (status === 202) return String(json['id']);
    if (status !== 503 && status !== 504) throw new Error(`${String(status)} ${JSON.stringify(json)}`);
    await sleep(retryAfterMs);
  }
  throw new Error('no outcome');
}

const dlq = (...args: readonly string[]) => dlqOf(cluster, ...args);

async function untilLetters(count: number) {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const letters = await dlq('list');
    if (letters.length >= count) return letters;
    await sleep(retryAfterMs);
  }
  throw new Error('the dead letters did not come');
}

/** Returns how many partitions of the calls' read model the topic feeds at this projector; null: it does not answer. */
async function partitionsOf(projector: string): Promise<number | null> {
  try {
    const server = await readFile(join(cluster.dataDir, 'cluster', projector, 'server.json'), 'utf8');
    const { url } = JSON.parse(server) as { readonly url: string };
    const metrics = await (await fetch(`${url}/metrics`)).text();
    return Number(
      /^ringfence_projection_partitions\{projection="calls",from="topic"\} (\d+)$/m.exec(metrics)?.[1] ?? 0,
    );
  } catch {
    return null;
  }
}

async function untilShared(): Promise<void> {
  let shares: readonly (number | null)[] = [];
  for (let attempt = 0; attempt < tries; attempt += 1) {
    shares = await Promise.all(['projector-1', 'projector-2'].map(partitionsOf));
    if (shares.every((share) => share === 32)) return;
    await sleep(retryAfterMs);
  }
  expect(shares).toEqual([32, 32]);
}

async function untilShown(call: string): Promise<void> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const { status, json } = await ask(1, ownKey, 'GET', `/voice/calls/${call}/authorization`);
    if (status === 200) {
      expect(json['call_id']).toBe(call);
      return;
    }
    await sleep(retryAfterMs);
  }
  throw new Error('the call did not come to the read models');
}

describe('a cluster of processes', () => {
  beforeAll(async () => {
    cluster = await ClusterOfProcesses.start();
    adminKey = await cluster.key('admin-key');
    ({ secret: ownKey } = await issue('own', ['calls:write', 'calls:read', 'audit:read']));
  });
  afterAll(() => cluster.discard());

  it('shows at one gateway at once what was accepted at the other', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = await placed(round % 2, ownKey);
      const list = () => ask((round + 1) % 2, ownKey, 'GET', '/voice/calls?limit=1');
      // A read waits a second for the views; where they take longer, it says so.
      let answer = await list();
      for (let stale = 1; answer.isStale && stale < tries; stale += 1) answer = await list();
      expect(answer).toMatchObject({ status: 200, json: { data: [{ id }] } });
    }
  });

  it('gives one outcome to one command, whichever gateway is asked', async () => {
    const id = randomUUID();
    const first = await placed(0, ownKey, id);
    expect(await placed(1, ownKey, id)).toBe(first);
    await untilShown(first);
  });

  it('shares the read models among the projectors, and goes on when one of them is killed', async () => {
    await untilShared();
    const killed = cluster.kill9('projector-1');
    const calls = await Promise.all(Array.from({ length: 10 }, () => placed(0, ownKey)));
    for (const call of calls) await untilShown(call);
    await killed;
    await untilShared();
    await untilShown(await placed(1, ownKey));
  });

  it('loses and doubles nothing while deciders are killed', async () => {
    const { secret } = await issue('crowd');
    const ids = Array.from({ length: 120 }, () => randomUUID());
    const under = ids.map(async (id, at) => {
      await sleep(at * 40);
      return placed(at % 2, secret, id);
    });
    await cluster.kill9('decider-1');
    await cluster.kill9('decider-2');
    const calls = await Promise.all(under);
    expect(new Set(calls).size).toBe(ids.length);
    const again = await Promise.all(ids.map((id, at) => placed((at + 1) % 2, secret, id)));
    expect(again).toEqual(calls);
  });

  it('shows an erased number at no gateway once it has learned of the erasure', async () => {
    const number = '+15005550077';
    const initiated = await ask(0, ownKey, 'POST', '/voice/calls/initiate', { ...call, to_number: number });
    expect(initiated).toMatchObject({ status: 202 });
    const id = String(initiated.json['id']);
    await untilShown(id);
    const shown = async () => (await ask(1, ownKey, 'GET', `/voice/calls/${id}`)).json;
    // Afterwards the gateway has the data key in its memory.
    expect(await shown()).toMatchObject({ to_number: number });
    const account = await cluster.key('demo-account');
    const erased = await ask(0, adminKey, 'POST', `/accounts/${account}/subjects/erase`, { value: number });
    expect(erased).toMatchObject({ status: 200 });
    const began = performance.now();
    let answer = await shown();
    while (answer['to_number'] === number && performance.now() - began < learnedWithinMs) answer = await shown();
    expect(answer).toMatchObject({ to_number: null, properties: { erased: ['to_number'] } });
  });

  it('rejects a key at every gateway once it is revoked', async () => {
    const { keyId, secret } = await issue('short-lived');
    await placed(1, secret);
    const revoked = await ask(0, adminKey, 'POST', `/keys/${keyId}/revoke`, { reason: 'leaked' });
    expect(revoked.status).toBe(200);
    const late = await ask(1, secret, 'POST', '/voice/calls/initiate', call);
    expect(late.status).toBe(401);
  });

  it('keeps unreadable records as dead letters, shows them, and sends them again', async () => {
    const bus = new KafkaMessageBus({ brokers: cluster.brokers, clientId: `${cluster.topicPrefix}.e2e` });
    const topic = `${cluster.topicPrefix}.commands`;
    await bus.publish([{ topic, key: 'nobody', headers: { note: 'not a command' }, value: Buffer.from('hello') }]);
    const [letter] = await untilLetters(1);
    // It has no valid MAC: its content may be personal.
    expect(letter).toMatchObject({
      topic,
      key: 'withheld',
      reason: expect.stringContaining('content-type') as unknown,
    });
    const place = String(letter?.['place']);
    const sha256 = createHash('sha256').update('hello').digest('hex');
    expect(await dlq('show', place)).toMatchObject([{ value: null, bytes: 5, sha256 }]);
    expect(await dlq('retry', place)).toMatchObject([{ retried: place, topic }]);
    expect(await untilLetters(2)).toHaveLength(2);
    await bus.close();
  });

  it('decides everybody’s commands while a stranger leaves a transaction open on every lane, and steps over a batch that cannot be decoded', async () => {
    const topic = `${cluster.topicPrefix}.commands`;
    const strays = Array.from({ length: 64 }, (_, partition) => ({
      topic,
      key: 'k',
      partition,
      headers: {},
      value: Buffer.from('x'),
    }));
    const { keyId, secret } = await issue('beside an open transaction');
    const before = (await dlq('list')).length;
    const { end } = await transact(cluster.brokers, strays);
    const lane = laneOf((await cluster.key('demo-account')) as AccountId, 64);
    await writeUndecodable(cluster.brokers, topic, lane);
    const began = performance.now();
    expect((await ask(0, secret, 'POST', '/voice/calls/initiate', call)).status).toBe(202);
    expect((await ask(1, adminKey, 'POST', `/keys/${keyId}/revoke`, { reason: 'leaked' })).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(minuteMs);
    const letters = await untilLetters(before + 1);
    expect(letters.filter(({ reason }) => String(reason).includes('cannot be decoded'))).toHaveLength(1);
    await end('abort');
    await placed(1, ownKey);
  });

  it('publishes every event of the log, in order within each partition', async () => {
    const bus = new KafkaMessageBus({ brokers: cluster.brokers, clientId: `${cluster.topicPrefix}.e2e` });
    await placed(0, ownKey);
    const log = await readLog(join(cluster.dataDir, 'cluster'));
    expect(log.length).toBeGreaterThan(0);
    const topic = `${cluster.topicPrefix}.events`;
    const positions = new Map<number, number[]>();
    const seen = new Set<number>();
    let onGrowth: () => void = () => undefined;
    const membership = await bus.follow({
      topic,
      from: new Map(Array.from({ length: 64 }, (_, partition) => [partition, 'first'])),
      onMessages: (partition, batch) => {
        for (const { headers, value } of batch) {
          const event = readBinary(headers, value);
          if ('fault' in event) throw new Error(event.fault);
          const position = event.extensions['position'];
          if (event.type.startsWith('ringfence.feed.') || position === undefined || seen.has(Number(position)))
            continue;
          seen.add(Number(position));
          positions.set(partition, [...(positions.get(partition) ?? []), Number(position)]);
        }
        onGrowth();
        return Promise.resolve();
      },
      onRetryableError: () => undefined,
    });
    await new Promise<void>((resolve) => {
      onGrowth = () => {
        if (log.every(({ position }) => seen.has(position))) resolve();
      };
      onGrowth();
    });
    for (const each of positions.values()) expect(each).toEqual(each.toSorted((one, other) => one - other));
    await membership.leave();
    await bus.close();
  });
});
