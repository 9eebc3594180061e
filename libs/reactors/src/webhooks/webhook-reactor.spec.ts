import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { WebhookApiVersion } from '@ringfence/domain/apps/voice-app.events';
import { asSecret, type SealedText } from '@ringfence/domain/shared/values';
import type { Failure } from '@ringfence/kernel/failure';
import type { AccountId, KeyId, WebhookSecretId } from '@ringfence/kernel/ids';
import { durationMs } from '@ringfence/kernel/units';
import type { LaneExecutor } from '@ringfence/lanes/lane-executor';
import type { OutboundAnswer, OutboundRequest } from '@ringfence/ports/outbound/outbound-client';
import { outboundFailures } from '@ringfence/ports/outbound/outbound-failures';
import { PostgresDeliveryQueue } from '@ringfence/reactor-checkpoints-postgres/postgres-delivery-queue';
import { openPool } from '@ringfence/sql-postgres/pool';
import { openScratchDatabase, type ScratchDatabase } from '@ringfence/sql-postgres/scratch-database';
import { exampleEvents } from '@ringfence/testing/example-events';
import { cappedTimers, LaneBench } from '@ringfence/testing/lane-bench';
import { InMemorySubjectVault } from '@ringfence/vault-memory/memory-subject-vault';
import type { Pool } from 'pg';
import { Webhook } from 'standardwebhooks';
import { attemptsMsMax } from './delivery-attempt.js';
import { WebhookReactor } from './webhook-reactor.js';

type Sent = OutboundRequest & { readonly json: Record<string, unknown>; readonly webhookId: string };
type Answer = number | 'hang' | Failure;

let database: ScratchDatabase;
let pool: Pool;
let b: LaneBench;
let executor: LaneExecutor;
let vault: InMemorySubjectVault;
let account: AccountId;
let keyId: KeyId;
let sent: Sent[];
/** The answer of a receiver to a request. */
let answer: (request: Sent) => Answer;
let errors: unknown[];
let stopped: unknown[];
let backlogs: number[];
let hanging: (() => void)[];
const reactors: WebhookReactor[] = [];

beforeAll(async () => {
  database = await openScratchDatabase();
  pool = openPool(database.url);
});
afterAll(async () => {
  await pool.end();
  await database.close();
});
beforeEach(async () => {
  await pool.query('drop schema if exists webhook cascade; drop schema if exists reactor cascade');
  b = new LaneBench();
  executor = await b.start();
  vault = new InMemorySubjectVault(b.ids);
  [sent, errors, stopped, backlogs, hanging] = [[], [], [], [], []];
  answer = () => 200;
  account = await b.opened(executor);
  await b.ableToCall(executor, account);
  keyId = b.ids.keyId();
  await executor.dispatch(b.issue(account, keyId, 'test'));
});
afterEach(async () => {
  for (const end of hanging) end();
  for (const reactor of reactors.splice(0)) await reactor.stop();
  await b.stop();
});

async function start(random: () => number = () => 0): Promise<WebhookReactor> {
  const { store, clock } = b;
  const reactor = await WebhookReactor.start({
    store,
    queue: await PostgresDeliveryQueue.open(pool),
    vault,
    outbound: { post },
    dispatcher: executor,
    clock,
    timers: cappedTimers,
    random,
    receiverKey: Buffer.alloc(32, 1),
    observer: { attempted: () => undefined, backlog: (pending) => backlogs.push(pending) },
    host: {
      stopped: (_reactor, cause) => stopped.push(cause),
      onRetryableError: (_reactor, cause) => errors.push(cause),
    },
    owner: 'spec',
  });
  reactors.push(reactor);
  return reactor;
}

async function post(request: OutboundRequest): Promise<OutboundAnswer> {
  const json = JSON.parse(request.body) as Record<string, unknown>;
  const one = { ...request, json, webhookId: request.headers['webhook-id'] ?? '' };
  sent.push(one);
  const given = answer(one);
  if (given === 'hang') {
    await new Promise<void>((resolve) => hanging.push(resolve));
    throw outboundFailures.outbound_timed_out();
  }
  if (typeof given !== 'number') throw given;
  return { status: given, contentType: null, body: Buffer.alloc(0) };
}

type Call = { readonly callId: string; readonly ring: () => Promise<void>; readonly end: () => Promise<void> };

/** Places a call; the receiver of its status is a host of this name. */
async function call(host: string | null = 'receiver', from?: SealedText): Promise<Call> {
  const placing = b.place(account, keyId);
  const url =
    host === null ? null : await vault.seal(account, `https://${host}.example/${placing.payload.callId}?secret=1`);
  const payload = {
    ...placing.payload,
    statusCallbackUrl: url,
    ...(from === undefined ? {} : { from: { clear: '+14155550100', sealed: from } }),
  };
  const decide = async (command: Parameters<LaneExecutor['dispatch']>[0]) => {
    expect(await executor.dispatch(command)).toMatchObject({ accepted: true });
  };
  await decide({ ...placing, payload });
  return {
    callId: payload.callId,
    ring: () => decide(b.progress(payload, { kind: 'ringing' })),
    end: () =>
      decide(b.progress(payload, { kind: 'ended', cause: 'busy', endedBy: 'callee', talkTimeMs: durationMs(0) })),
  };
}

const wholeCall = async (host?: string | null) => {
  const one = await call(host);
  await one.ring();
  await one.end();
  return one;
};
const countOf = async (state: string) => {
  const { rows } = await pool.query<{ n: string }>(`select count(*) n from webhook.delivery where state = '${state}'`);
  return Number(rows[0]?.n);
};
const settled = (delivered: number, failed = 0) =>
  b.until(
    async () =>
      (await countOf('delivered')) === delivered &&
      (await countOf('failed_permanent')) === failed &&
      (await countOf('pending')) === 0,
  );
/** Lets time pass until something has happened. */
async function timePasses(until: Promise<void>): Promise<void> {
  const passing = setInterval(() => {
    b.clock.advance(1_000);
  }, 1);
  await until.finally(() => {
    clearInterval(passing);
  });
}
const typesOf = (callId: string) =>
  sent.filter(({ json }) => json['call_id'] === callId).map(({ json }) => json['type']);
const failuresRecorded = async () =>
  (await b.events(account)).map(({ data }) => data).filter(({ type }) => type === 'WebhookDeliveryFailed');
/** Signs with the stock library and compares: the clock of these tests is not that of the machine. */
function isSignedWith(secret: string, { body, headers }: Sent): boolean {
  const moment = new Date(Number(headers['webhook-timestamp']) * 1_000);
  const expected = new Webhook(secret).sign(headers['webhook-id'] ?? '', moment, body);
  return (headers['webhook-signature'] ?? '').split(' ').includes(expected);
}
const life = ['call.initiated', 'call.ringing', 'call.failed'];

describe('the events of a call with a status callback', () => {
  it('are delivered in order, each with its number, the next after a 2xx; other calls have no deliveries', async () => {
    await start();
    const [one] = [await wholeCall(), await wholeCall(null)];
    await settled(3);
    expect(sent.map(({ json }) => [json['type'], json['sequence']])).toEqual(life.map((type, at) => [type, at]));
    expect(sent.map(({ json }) => json['call_id'])).toEqual(life.map(() => one.callId));
    expect(sent.map(({ webhookId }) => webhookId)).toEqual(sent.map(({ json }) => json['id']));
    expect(sent[0]).toMatchObject({ url: expect.stringContaining('https://receiver.example/cs_'), mode: 'test' });
    expect(errors).toEqual([]);
  });

  it('wait for the one before, however often it fails; each attempt has its own moment', async () => {
    await start(() => 0.999);
    let failures = 0;
    const faults = [500, 302, outboundFailures.outbound_timed_out(), outboundFailures.outbound_connection_lost(), 429];
    answer = ({ json }) => {
      if (json['type'] !== 'call.ringing') return 200;
      return faults[failures++] ?? 204;
    };
    const one = await call();
    await one.ring();
    await one.end();
    await timePasses(settled(3));
    expect(sent.map(({ json }) => json['type'])).toEqual([
      'call.initiated',
      ...faults.map(() => 'call.ringing'),
      'call.ringing',
      'call.failed',
    ]);
    const ringing = sent.filter(({ json }) => json['type'] === 'call.ringing');
    expect(new Set(ringing.map(({ webhookId }) => webhookId)).size).toBe(1);
    expect(new Set(ringing.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(ringing.length);
    const { rows } = await pool.query<{ error: string | null; status: number | null }>(
      'select status, error from webhook.attempt where position = (select position from webhook.delivery where event_name = $1) order by attempt',
      ['call.ringing'],
    );
    expect(rows.map(({ status, error }) => status ?? error)).toEqual([
      500,
      302,
      'outbound_timed_out',
      'outbound_connection_lost',
      429,
      204,
    ]);
  });

  it('are given up at a 410, and after three days, which the account’s stream records; the next one goes', async () => {
    await start();
    answer = ({ json }) => (json['type'] === 'call.initiated' ? 410 : json['type'] === 'call.ringing' ? 503 : 200);
    const one = await call();
    await one.ring();
    await b.until(() => typesOf(one.callId).includes('call.ringing'));
    b.clock.advance(attemptsMsMax);
    await one.end();
    await settled(1, 2);
    expect(await failuresRecorded()).toMatchObject([
      { callId: one.callId, reason: 'gone', attempts: 1, lastStatus: 410, endpoint: 'status_callback', mode: 'test' },
      { callId: one.callId, reason: 'expired', lastStatus: null },
    ]);
    expect(typesOf(one.callId).at(-1)).toBe('call.failed');
  });

  it('are not delivered to an address that was erased, and numbers that were erased are shown so', async () => {
    answer = () => 503;
    await start();
    const from = await vault.seal(account, '+14155550100');
    const one = await call('receiver', from);
    await b.until(() => sent.length > 0);
    expect(sent[0]?.json['data']).toMatchObject({ from_number: '+14155550100', erased: ['to_number'] });
    await vault.erase(account, from.subjectId);
    sent.length = 0;
    b.clock.advance(10_000);
    await b.until(() => sent.length > 0);
    expect(sent[0]?.json['data']).toMatchObject({ from_number: null, erased: ['from_number', 'to_number'] });
    const url = await vault.find(account, sent[0]?.url ?? '');
    if (url !== undefined) await vault.erase(account, url);
    b.clock.advance(60_000);
    await settled(0, 1);
    expect(await failuresRecorded()).toMatchObject([{ callId: one.callId, reason: 'url_erased' }]);
  });
});

describe('the queue of webhooks', () => {
  it('holds neither bodies nor addresses in clear', async () => {
    answer = () => 503;
    await start();
    await call();
    await b.until(() => sent.length > 0);
    const tables = ['call', 'delivery', 'attempt', 'secret', 'app', 'beginning'];
    const rows = await Promise.all(tables.map((table) => pool.query(`select * from webhook.${table}`)));
    const text = JSON.stringify(rows.map((result): unknown => result.rows));
    expect(text.length).toBeGreaterThan(500);
    for (const clear of ['receiver.example', '+14155550100', 'secret=1', 'authorised'])
      expect(text).not.toContain(clear);
    expect(text).not.toContain(createHash('sha256').update('https://receiver.example').digest('hex').slice(0, 16));
  });

  it('loses nothing when the process dies at any moment, and keeps the order', async () => {
    answer = () => (sent.length % 3 === 0 ? 500 : 200);
    const calls: Call[] = [];
    for (let life = 0; life < 5; life += 1) {
      await start();
      calls.push(await wholeCall(), await wholeCall('other'));
      const before = sent.length;
      await b.until(() => sent.length > before);
      // A successor takes the queue, as after kill -9: the one before can write nothing more.
      b.clock.advance(1_000);
    }
    await timePasses(settled(calls.length * 3));
    for (const { callId } of calls) {
      const seen = typesOf(callId);
      expect([...new Set(seen)]).toEqual(life);
    }
  });

  it('is written by one process at a time: the one before stops', async () => {
    answer = () => 'hang';
    await start();
    await call();
    await b.until(() => sent.length === 1);
    answer = () => 200;
    await start();
    await settled(1);
    for (const end of hanging.splice(0)) end();
    await b.until(() => stopped.length > 0);
    expect(stopped[0]).toMatchObject({ code: 'reactor_lease_lost' });
    expect(await countOf('delivered')).toBe(1);
  });

  it('delays nobody for a receiver that hangs or is dead', async () => {
    answer = ({ url }) => (url.includes('hangs') ? 'hang' : url.includes('dead') ? 503 : 200);
    await start();
    for (let nth = 0; nth < 4; nth += 1) {
      b.clock.advance(2_000);
      await call('hangs');
      await call('dead');
    }
    b.clock.advance(2_000);
    const healthy = [await wholeCall('well'), await wholeCall('well')];
    await b.until(async () => (await countOf('delivered')) === 6);
    for (const { callId } of healthy) expect(typesOf(callId)).toEqual(life);
    // Few attempts at a receiver that takes none.
    expect(sent.filter(({ url }) => url.includes('hangs')).length).toBeLessThanOrEqual(2);
  });

  it('follows no call that was placed long before its first start', async () => {
    const old = await call();
    b.clock.advance(61_000);
    await start();
    await old.end();
    await wholeCall();
    await settled(3);
    expect(typesOf(old.callId)).toEqual([]);
  });

  it('reports what is pending', async () => {
    answer = () => 503;
    await start();
    await wholeCall();
    await b.until(() => backlogs.includes(3));
  });
});

describe('the app of a call', () => {
  const writer = async () => {
    const id = b.ids.keyId();
    const issue = b.issue(account, id, 'test');
    const { payload } = issue;
    if (payload.type !== 'IssueKey') throw new Error('no key');
    const policy = { ...payload.policy, scopes: ['webhooks:write', 'apps:write', 'numbers:write'] as const };
    await executor.dispatch({ ...issue, payload: { ...payload, policy } });
    return { kind: 'key', keyId: id, home: 'account' } as const;
  };
  const settings = async (url: string, secretId: WebhookSecretId | null, webhookApiVersion: WebhookApiVersion) => ({
    name: await vault.seal(account, 'Front desk'),
    flowUrl: await vault.seal(account, 'https://example.com/flow'),
    webhookUrl: await vault.seal(account, url),
    ...({
      fallbackUrl: null,
      answeringKeyId: null,
      status: 'active',
      channelLimit: null,
      secretId,
      webhookApiVersion,
    } as const),
  });
  const accepted = async (command: Parameters<LaneExecutor['dispatch']>[0]) => {
    expect(await executor.dispatch(command)).toMatchObject({ accepted: true });
  };
  const hosts = () => sent.map(({ url }) => new URL(url).host);

  it('gets every event beside the status callback, signed with its secret, where its settings say now', async () => {
    await start(() => 0.999);
    const principal = await writer();
    const [appId, secretId] = [b.ids.voiceAppId(), b.ids.webhookSecretId()];
    const [other, its] = ['whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx'];
    const ofSecret = async (id: WebhookSecretId, value: string) => ({
      ...({ type: 'CreateWebhookSecret', accountId: account, secretId: id } as const),
      ...{ name: await vault.seal(account, 'name'), value: asSecret(await vault.seal(account, value)) },
    });
    // Older than the app's, which signs nevertheless.
    const oldest = secretId.replace(/.$/, '0') as WebhookSecretId;
    await accepted(b.command(await ofSecret(oldest, other), { principal }));
    await accepted(b.command(await ofSecret(secretId, its), { principal }));
    const of = { accountId: account, appId } as const;
    const first = await settings('https://app.example/hooks', secretId, '2025-08-01');
    const { from } = b.place(account, keyId).payload;
    const { type: _type, receivedAtMs: _receivedAtMs, ...allocated } = exampleEvents.NumberReceived;
    const number = { ...allocated, accountId: account, ownNumber: from.sealed };
    const platform = { kind: 'worker', workerId: 'numbers:spec' } as const;
    await accepted(b.command({ type: 'ReceiveNumber', ...number }, { principal: platform }));
    const numberIds = [number.numberId];
    await accepted(b.command({ type: 'CreateVoiceApp', ...of, settings: first, numberIds }, { principal }));
    await wholeCall('receiver');
    await settled(6);
    expect(hosts().filter((host) => host === 'app.example').length).toBe(3);
    const atApp = sent.filter(({ url }) => url.startsWith('https://app.example'));
    expect(atApp.map(({ json }) => json['event'])).toEqual(life);
    expect(atApp.map(({ json }) => json['call_app_id'])).toEqual([appId, appId, appId]);
    expect(sent.every((one) => isSignedWith(its, one) && !isSignedWith(other, one))).toBe(true);

    answer = () => 503;
    sent.length = 0;
    b.clock.advance(2_000);
    const pending = await call(null);
    await b.until(() => sent.length > 0);
    const second = await settings('https://new.example/hooks', null, '2026-06-01');
    await accepted(b.command({ type: 'ChangeVoiceApp', ...of, change: second }, { principal }));
    const isFollowed = async () => (await pool.query('select from webhook.app where secret_id is null')).rowCount === 1;
    await b.until(isFollowed);
    answer = () => 200;
    await pending.ring();
    await pending.end();
    await timePasses(settled(9));
    const later = sent.filter(({ url }) => url.startsWith('https://new.example'));
    expect(later.map(({ json }) => [json['type'], json['voice_app_id']])).toEqual(life.map((type) => [type, appId]));
    expect(later.every(({ headers }) => headers['webhook-signature'] === undefined)).toBe(true);
  });
});

describe('the signature of a delivery', () => {
  const [first, second] = ['whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx'];

  it('is made with the account’s oldest secret of the mode, with both values during an overlap', async () => {
    await start();
    await call();
    await b.until(() => sent.length === 1);
    expect(sent[0]?.headers['webhook-signature']).toBeUndefined();
    const writer = b.ids.keyId();
    const issue = b.issue(account, writer, 'test');
    const { payload } = issue;
    if (payload.type !== 'IssueKey') throw new Error('no key');
    const policy = { ...payload.policy, scopes: ['webhooks:write'] as const };
    await executor.dispatch({ ...issue, payload: { ...payload, policy } });
    const principal = { kind: 'key', keyId: writer, home: 'account' } as const;
    const secretId = b.ids.webhookSecretId();
    const of = { accountId: account, secretId } as const;
    const sealed = async (text: string) => asSecret(await vault.seal(account, text));
    const name = await vault.seal(account, 'name');
    const create = { type: 'CreateWebhookSecret', ...of, name, value: await sealed(first) } as const;
    const rotation = { value: await sealed(second), overlapMs: durationMs(60_000) };
    const rotate = { type: 'ChangeWebhookSecret', ...of, name: null, rotation } as const;
    const secretsAre = (count: number) => b.until(async () => (await secretRows()) === count);
    expect(await executor.dispatch(b.command(create, { principal }))).toMatchObject({ accepted: true });
    await secretsAre(1);
    await call();
    await b.until(() => sent.length === 2);
    expect(sent.slice(1).map((one) => [isSignedWith(first, one), isSignedWith(second, one)])).toEqual([[true, false]]);
    await executor.dispatch(b.command(rotate, { principal }));
    await b.until(
      async () => (await pool.query('select from webhook.secret where previous_subject is not null')).rowCount === 1,
    );
    await call();
    await b.until(() => sent.length === 3);
    expect(sent.slice(2).map((one) => [isSignedWith(first, one), isSignedWith(second, one)])).toEqual([[true, true]]);
    b.clock.advance(60_000);
    await call();
    await b.until(() => sent.length === 4);
    expect(sent.slice(3).map((one) => [isSignedWith(first, one), isSignedWith(second, one)])).toEqual([[false, true]]);
    await executor.dispatch(b.command({ type: 'DeleteWebhookSecret', ...of }, { principal }));
    await secretsAre(0);
    await call();
    await b.until(() => sent.length === 5);
    expect(sent[4]?.headers['webhook-signature']).toBeUndefined();
  });

  const secretRows = async () => (await pool.query('select from webhook.secret')).rowCount;
});
