import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { scopes } from '@ringfence/domain/shared/scopes';
import { examplePublicKey } from '@ringfence/testing/examples';
import {
  type Customer,
  issueKey,
  openAccount,
  patienceMs,
  placeCall,
  unlimited,
  until,
  wanted,
} from './test-accounts.js';
import { callMutationRows } from './call-mode-rows.js';
import { modesIn, streamStatus } from './mode-answers.js';
import {
  all,
  type Asked,
  bothWays,
  everybody,
  hiddenCall,
  type Mode,
  modes,
  ofCall,
  ofKey,
  own,
  owner,
  placing,
  type Row,
  type Who,
  type World,
} from './mode-rows.js';
import { PlatformProcess } from './platform-process.js';
import { deliveredEvent, eventRows } from './event-mode-rows.js';
import { settingsOf, settingsRows } from './settings-mode-rows.js';

/** Reference that only the live side knows. */
const liveReference = 'invoice-7741-live';

const accountId = ({ accountId: id }: World, who: Who) => (who === 'operator' ? { account_id: id } : {});
const newKey = (world: World, mode: Mode, who: Who) => ({
  label: 'new',
  mode,
  scopes: ['calls:read'],
  ...accountId(world, who),
});
/** Every operation of the OpenAPI document. */
const table: Readonly<Record<string, Row>> = {
  showIndex: 'open',
  live: 'open',
  ready: 'open',
  metrics: 'open',
  getPlatformKeys: 'open',
  openAccount: {
    operators: () => ({ method: 'POST', path: '/api/v1/accounts', body: { name: 'x', currency: 'USD' } }),
  },
  verifyAccount: {
    operators: ({ accountId: id }) => ({ method: 'POST', path: `/api/v1/accounts/${id}/verify`, body: {} }),
  },
  addCredit: {
    operators: ({ accountId: id }) => ({
      method: 'POST',
      path: `/api/v1/accounts/${id}/credit`,
      body: { mode: 'test', amount_micros: '1' },
    }),
  },
  suspendAccount: {
    of: ({ accountId: id }) => ({ method: 'POST', path: `/api/v1/accounts/${id}/suspend`, body: { reason: 'fraud' } }),
    answers: { live: all(200), test: all(403), operator: all(200) },
  },
  eraseSubject: {
    of: ({ accountId: id }) => ({
      method: 'POST',
      path: `/api/v1/accounts/${id}/subjects/erase`,
      body: { value: liveReference },
    }),
    answers: { live: all(200), test: all(403), operator: all(200) },
  },
  resumeAccount: {
    operators: ({ accountId: id }) => ({ method: 'POST', path: `/api/v1/accounts/${id}/resume`, body: {} }),
  },
  setAccountLimits: {
    of: ({ accountId: id }, mode) => ({
      method: 'PATCH',
      path: `/api/v1/accounts/${id}/limits`,
      body: { mode, lines_max: 7 },
    }),
    answers: { live: all(200), test: all(403), operator: all(200) },
  },
  changeTimeZone: {
    of: ({ accountId: id }, mode) => ({
      method: 'POST',
      path: `/api/v1/accounts/${id}/time-zone`,
      body: { time_zone: mode === 'live' ? 'Asia/Tokyo' : 'Africa/Lagos' },
    }),
    answers: { live: all(200), test: all(403), operator: all(200) },
  },
  listAccounts: { shows: (world) => `/api/v1/accounts?account_id=${world.accountId}`, sees: { ...own, live: modes } },
  getAccount: { shows: (world) => `/api/v1/accounts/${world.accountId}`, sees: { ...own, live: modes } },
  initiateCall: placing,
  initiateCallShort: placing,
  simulateInboundCall: {
    of: () => ({
      method: 'POST',
      path: '/api/v1/voice/sandbox/inbound-calls',
      body: { from_number: '+15005550100', to_number: '+15005550188' },
    }),
    // Nobody has the number; callers of the sandbox ring for test keys alone.
    answers: { live: all(403), test: all(404), operator: all(403) },
  },
  hangUpCall: {
    of: (world, mode) => ({ method: 'POST', path: `${ofCall(world, mode)}/hangup`, body: {} }),
    answers: hiddenCall,
  },
  listCalls: {
    shows: (world) => `/api/v1/voice/calls?account_id=${world.accountId}`,
    sees: { live: [], test: ['test'], operator: ['test'] },
  },
  getCall: { of: (world, mode) => ({ path: ofCall(world, mode) }), answers: hiddenCall },
  listLegs: { of: (world, mode) => ({ path: `${ofCall(world, mode)}/legs` }), answers: hiddenCall },
  getCallAuthorization: {
    of: (world, mode) => ({ path: `${ofCall(world, mode)}/authorization` }),
    answers: hiddenCall,
  },
  issueKey: {
    of: (world, mode, who) => ({ method: 'POST', path: '/api/v1/keys', body: newKey(world, mode, who) }),
    answers: { live: all(201), test: bothWays(403, 201), operator: all(201) },
  },
  registerSigningKey: {
    of: (world, mode, who) => ({
      method: 'POST',
      path: '/api/v1/signing-keys',
      body: { ...newKey(world, mode, who), public_key: { kty: 'OKP', crv: 'Ed25519', x: examplePublicKey } },
    }),
    answers: { live: all(201), test: bothWays(403, 201), operator: all(201) },
  },
  explainNumber: {
    of: (world, mode) => ({ path: `/api/v1/numbers/+442079460123?key_id=${world.others[mode].keyId}` }),
    answers: { live: all(404), test: all(404), operator: all(200) },
  },
  getRate: {
    of: (world, _mode, who) => ({ path: `/api/v1/rates?number=%2B442079460123&${owner(who, world)}` }),
    answers: { live: all(200), test: all(200), operator: all(200) },
  },
  openNumberRange: {
    operators: () => ({
      method: 'POST',
      path: '/api/v1/number-ranges',
      body: { prefix: '1565', territory: 'US', kind: 'mobile' },
    }),
  },
  listNumberRanges: { operators: () => ({ path: '/api/v1/number-ranges' }) },
  listKeys: { shows: (world) => `/api/v1/keys?account_id=${world.accountId}`, sees: { ...own, live: modes } },
  getKey: {
    of: (world, mode) => ({ path: ofKey(world, mode) }),
    answers: { live: all(200), test: bothWays(404, 200), operator: all(200) },
  },
  rotateKey: {
    of: (world, mode) => ({ method: 'POST', path: `${ofKey(world, mode)}/rotate`, body: {} }),
    answers: { live: bothWays(200, 403), test: bothWays(404, 200), operator: all(200) },
  },
  changeKeyPolicy: {
    of: (world, mode) => ({ method: 'PATCH', path: `${ofKey(world, mode)}/policy`, body: { lines_max: 1 } }),
    answers: { live: bothWays(200, 403), test: bothWays(404, 200), operator: all(200) },
  },
  revokeKey: {
    of: (world, mode) => ({ method: 'POST', path: `${ofKey(world, mode)}/revoke`, body: {} }),
    answers: { live: all(200), test: bothWays(404, 200), operator: all(200) },
  },
  getUsage: { shows: (world) => `/api/v1/usage?by=key&account_id=${world.accountId}`, sees: own },
  getRateCounters: {
    of: (world, mode, who) => ({
      path: `/api/v1/usage/rate-counters?key_id=${world.others[mode].keyId}&${owner(who, world)}`,
    }),
    answers: { live: bothWays(200, 404), test: bothWays(404, 200), operator: all(200) },
  },
  getLedger: { shows: (world) => `/api/v1/ledger?account_id=${world.accountId}`, sees: own },
  listLedgerEntries: {
    of: (world, mode, who) => ({ path: `/api/v1/ledger/entries?mode=${mode}&${owner(who, world)}` }),
    answers: { live: bothWays(200, 403), test: bothWays(403, 200), operator: all(200) },
  },
  getTrialBalance: { shows: (world) => `/api/v1/ledger/trial-balance?account_id=${world.accountId}`, sees: own },
  listAuditEvents: { shows: (world) => `/api/v1/audit/events?limit=500&account_id=${world.accountId}`, sees: own },
  streamCallEvents: { streams: (world, mode) => `${ofCall(world, mode)}/events/stream`, answers: hiddenCall },
  streamAccountCallEvents: {
    streams: (world, _mode, who) => `/api/v1/voice/calls/events/stream?${owner(who, world)}`,
    answers: { live: all(200), test: all(200), operator: all(200) },
  },
  ...settingsRows,
  ...eventRows,
  ...callMutationRows,
};

let platform: PlatformProcess;
let worlds = 0;
/** World for tests that only read. */
let lookedAt: World;

beforeAll(async () => {
  platform = await PlatformProcess.start();
  lookedAt = await newWorld();
});
afterAll(async () => {
  await platform.discard();
});

async function newWorld(): Promise<World> {
  const nth = (worlds += 1);
  const id = await openAccount(platform, `Modes ${String(nth)}`);
  const credit = { mode: 'live', amount_micros: '7777000', reference: liveReference };
  await wanted(platform, 'POST', `/api/v1/accounts/${id}/credit`, credit);
  const pair = async (): Promise<Record<Mode, Customer>> => {
    // Bounded in nothing: bounds have walls of their own.
    const policy = { scopes, preset: null, ...unlimited };
    const [live, test] = [
      await issueKey(platform, id, { ...policy, mode: 'live' }),
      await issueKey(platform, id, policy),
    ];
    return { live, test };
  };
  const [asking, others] = [await pair(), await pair()];
  // A refusal is all that the live side has of calls.
  for (const { secret } of [asking.live, others.live])
    expect((await placeCall(platform, secret, '+442079460123')).status).toBe(422);
  const { callId } = await placeCall(platform, others.test.secret, '+15005551000');
  const event = await deliveredEvent(platform, others.test);
  const settings = await settingsOf(platform, id, others, nth);
  const last = await wanted(platform, 'POST', `/api/v1/accounts/${id}/credit`, { mode: 'test', amount_micros: '1' });
  const position = String(last['position']);
  for (const path of ['accounts', 'voice/calls', 'keys', 'usage', 'ledger', 'audit/events'])
    await wanted(platform, 'GET', `/api/v1/${path}?account_id=${id}&min_position=${position}`);
  return {
    accountId: id,
    asking,
    others,
    calls: { live: `${callId.slice(0, -6)}ZZZZZZ`, test: callId },
    events: { live: `${event.slice(0, -6)}ZZZZZZ`, test: event },
    settings,
    position,
  };
}

async function ask(world: World, who: Who, { method = 'GET', path, body }: Asked) {
  return platform.ask(keyOf(world, who), method, path, body);
}

function keyOf({ asking }: World, who: Who): string {
  return who === 'operator' ? platform.keys.adminKey : asking[who].secret;
}

describe('the wall between live and test', () => {
  it('is said of every operation that there is', () => {
    const document = JSON.parse(readFileSync(new URL('../../docs/api/openapi.json', import.meta.url), 'utf8')) as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    const operations = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map((each) => each.operationId),
    );
    expect(Object.keys(table).sort()).toEqual(operations.sort());
  });

  it.each(Object.entries(table).filter(([, row]) => row !== 'open'))('separates %s', async (_name, row) => {
    if (row === 'open') return;
    if ('operators' in row) {
      for (const who of modes) {
        const { status, json } = await ask(lookedAt, who, row.operators(lookedAt));
        expect([who, status, json]).toMatchObject([who, 403, { code: 'operator_only' }]);
      }
      return;
    }
    if ('shows' in row) {
      for (const who of everybody) {
        const { status, json } = await ask(lookedAt, who, { path: row.shows(lookedAt) });
        expect([who, status, [...modesIn(json)].sort()]).toEqual([who, 200, [...row.sees[who]]]);
        if (who === 'test') expect(JSON.stringify(json)).not.toContain('7777000');
      }
      return;
    }
    if ('lists' in row) {
      for (const who of everybody) {
        const { status, json } = await ask(lookedAt, who, { path: row.lists(lookedAt) });
        const text = JSON.stringify(json);
        expect([who, status, modes.filter((mode) => text.includes(row.ids(lookedAt)[mode]))]).toEqual([
          who,
          200,
          [...own[who]],
        ]);
      }
      return;
    }
    await Promise.all(
      everybody.map(async (who) => {
        const status = async (target: Mode) => {
          if ('streams' in row)
            return streamStatus(`${platform.url}${row.streams(lookedAt, target, who)}`, keyOf(lookedAt, who));
          // What a command changes may be what the next one is about.
          const reads = (row.of(lookedAt, target, who).method ?? 'GET') === 'GET';
          const world = reads ? lookedAt : await newWorld();
          const answer = await ask(world, who, row.of(world, target, who));
          if (answer.status < 300 && who === 'test' && target === 'live')
            expect(modesIn(answer.json)).not.toContain('live');
          return answer.status;
        };
        const [live, test] = await Promise.all(modes.map(status));
        expect([who, { live, test }]).toEqual([who, row.answers[who]]);
      }),
    );
  });

  it('is visible to an auditor whose key sees one mode: the list says that it is not complete', async () => {
    const world = lookedAt;
    const path = `/api/v1/audit/events?limit=500&account_id=${world.accountId}`;
    const seen = new Map<Who, readonly number[]>();
    // The operator first: calls of this world go on, so that who asks later may see events more.
    for (const who of ['operator', ...modes] as const) {
      const { json } = await ask(world, who, { path });
      const {
        data,
        modes: listed,
        complete,
      } = json as { data: { stream_version: number }[]; modes: Mode[]; complete: boolean };
      expect([listed, complete]).toEqual(who === 'operator' ? [modes, true] : [[who], false]);
      seen.set(
        who,
        data.map((event) => event.stream_version),
      );
    }
    const everything = seen.get('operator') ?? [];
    expect(everything).toEqual(everything.map((_, at) => at + 1));
    const sides = new Set(modes.flatMap((mode) => seen.get(mode) ?? []));
    const seenByBoth = [...sides].filter((version) => version <= everything.length);
    expect(seenByBoth.sort((left, right) => left - right)).toEqual(everything);
  });

  it('lets nobody page past it: pages of a few events come out as one page of all of them', async () => {
    const world = lookedAt;
    const page = async (query: string) =>
      (await ask(world, 'test', { path: `/api/v1/audit/events?${query}` })).json as {
        data: { position: string }[];
        next: string;
        has_more: boolean;
      };
    const whole = (await page('limit=500')).data.map((event) => event.position);
    const paged: string[] = [];
    for (let from = ''; ;) {
      const { data, next, has_more: more } = await page(`limit=2${from}`);
      paged.push(...data.map((event) => event.position));
      if (!more) break;
      from = `&from=${next}`;
    }
    expect(paged.slice(0, whole.length)).toEqual(whole);
  });

  it('hides from a test key which live key issued its maker, beyond its name', async () => {
    const world = await newWorld();
    const made = await platform.ask(world.asking.live.secret, 'POST', '/api/v1/keys', {
      label: 'made by live',
      mode: 'test',
      scopes: ['calls:write', 'audit:read'],
    });
    const { secret } = made.json as { secret: string };
    const { callId } = await placeCall(platform, secret, '+15005551000');
    const path = `/api/v1/voice/calls/${callId}/authorization`;
    const operators = await platform.ask(platform.keys.adminKey, 'GET', path);
    expect([operators.status, modesIn(operators.json)]).toEqual([200, new Set(modes)]);
    const testKeys = await platform.ask(secret, 'GET', path);
    expect([testKeys.status, modesIn(testKeys.json)]).toEqual([200, new Set(['test'])]);
    expect(testKeys.json).toMatchObject({ key: { issued_by: { kind: 'key', id: world.asking.live.keyId } } });
  });

  it.each(['order-17', 'cmd_01ARZ3NDEKTSV4RRFFQ69G5FAV'])(
    'separates the names of commands: %s is one for live keys and another for test keys',
    async (idempotencyKey) => {
      const world = await newWorld();
      const issue = async (who: Who, label: string) => {
        const body = { ...newKey(world, 'test', who), label };
        const key = who === 'operator' ? platform.keys.adminKey : world.asking[who].secret;
        const headers = { 'idempotency-key': idempotencyKey };
        const { status, json, headers: answered } = await platform.ask(key, 'POST', '/api/v1/keys', body, headers);
        const { id, code } = json as { id?: string; code?: string };
        return { status, id, code, replayed: answered.get('idempotent-replayed') === 'true' };
      };
      // The test key comes first; it neither reserves the name nor sees the other's outcome.
      const test = await issue('test', 'by test');
      const live = await issue('live', 'by live');
      expect([test.status, live.status, live.replayed]).toEqual([201, 201, false]);
      expect(live.id).not.toBe(test.id);
      expect(await issue('test', 'by live')).toMatchObject({ status: 409, code: 'idempotency_key_reused' });
      // Each gets its own outcome again.
      expect(await issue('test', 'by test')).toMatchObject({ status: 201, id: test.id, replayed: true });
      expect(await issue('live', 'by live')).toMatchObject({ status: 201, id: live.id, replayed: true });
      const operators = await issue('operator', 'by live');
      expect(operators).toMatchObject({ status: 409, code: 'idempotency_key_reused' });
    },
  );

  it('has what a test key tried in the log', async () => {
    const world = lookedAt;
    const { keyId, secret } = world.asking.test;
    const suspend = `/api/v1/accounts/${world.accountId}/suspend`;
    expect((await platform.ask(secret, 'POST', suspend, { reason: 'fraud' })).json).toMatchObject({
      code: 'mode_not_allowed',
    });
    await until('the log says so', patienceMs, async () => {
      const path = `/api/v1/audit/events?limit=500&account_id=${world.accountId}`;
      const { json } = await platform.ask(platform.keys.adminKey, 'GET', path);
      const { data } = json as { data: { type: string; presented_key_id: string | null }[] };
      return data.some((event) => event.type.includes('turned_away') && event.presented_key_id === keyId);
    });
  });
});
