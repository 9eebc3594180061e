import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { issueKey, openAccount, unlimited, wanted } from './test-accounts.js';
import { PlatformProcess } from './platform-process.js';

const scopes = ['calls:write', 'calls:read', 'billing:read'];
const staleAnswersMax = 30;
const call = { from_number: '+15005550100', to_number: '+15005550003' };
const rounds = 30;

describe('a read that is asked right after a write', () => {
  let platform: PlatformProcess;
  let key: string;
  const ask = (method: string, path: string, body?: object) => platform.ask(key, method, path, body);
  const place = async (secret = key) => {
    const placed = await platform.ask(secret, 'POST', '/api/v1/voice/calls/initiate', call);
    expect(placed.status).toBe(202);
    return (placed.json as { readonly id: string }).id;
  };
  /**
   * Returns the first answer that is not marked as stale: where the views take longer than a read waits, the answer
   * says so and the read is repeated.
   */
  const seen = async (path: string) => {
    for (let stale = 0; stale < staleAnswersMax; stale += 1) {
      const answer = await ask('GET', path);
      if (answer.headers.get('ringfence-stale') === null) return answer;
    }
    throw new Error(`stale ${String(staleAnswersMax)} times: ${path}`);
  };

  beforeAll(async () => {
    platform = await PlatformProcess.start();
    // The key that a first start makes takes 20 calls at once: a fast machine places more.
    ({ secret: key } = await issueKey(platform, platform.keys.accountId, { preset: null, scopes, ...unlimited }));
  });
  afterAll(async () => {
    await platform.discard();
  });

  it('finds what was written, in every view, without naming a position', async () => {
    for (let round = 1; round <= rounds; round += 1) {
      const id = await place();
      const [listed, usage, entries] = await Promise.all([
        seen('/api/v1/voice/calls?limit=1'),
        seen('/api/v1/usage?by=none'),
        seen(`/api/v1/ledger/entries?call_id=${id}`),
      ]);
      expect(listed).toMatchObject({ status: 200, json: { data: [{ id }] } });
      expect(usage).toMatchObject({ status: 200, json: { data: [{ calls: round }] } });
      expect((entries.json as { readonly data: readonly object[] }).data.length).toBeGreaterThan(0);
    }
  });

  it('shows everybody their own calls alone, without erased numbers, however many ask at once', async () => {
    const other = await issueKey(platform, await openAccount(platform, 'other'), {
      preset: null,
      scopes,
      ...unlimited,
    });
    const [mine, theirs, nobodys] = [await place(), await place(other.secret), 'cs_7ZZZZZZZZZZZZZZZZZZZZZZZZZ'];
    const erasing = `/api/v1/accounts/${other.accountId}/subjects/erase`;
    await wanted(platform, 'POST', erasing, { value: call.from_number });
    const read = async (secret: string, id: string) => {
      const { status, json } = await platform.ask(secret, 'GET', `/api/v1/voice/calls/${id}`);
      const { id: found, from_number: from } = json as { readonly id?: string; readonly from_number?: string | null };
      return { status, found, from };
    };
    while ((await read(other.secret, theirs)).from !== null);
    const none = { status: 404, found: undefined, from: undefined };
    const whole = { status: 200, found: mine, from: call.from_number };
    const erased = { status: 200, found: theirs, from: null };
    const { adminKey } = platform.keys;
    const expected = [
      ...([
        [key, mine, whole],
        [key, theirs, none],
        [key, nobodys, none],
      ] as const),
      ...([
        [other.secret, mine, none],
        [other.secret, theirs, erased],
        [other.secret, nobodys, none],
      ] as const),
      ...([
        [adminKey, mine, whole],
        [adminKey, theirs, erased],
        [adminKey, nobodys, none],
      ] as const),
    ];
    const asked = Array.from({ length: 15 }, () => expected).flat();
    const answers = await Promise.all(asked.map(([secret, id]) => read(secret, id)));
    expect(answers).toEqual(asked.map(([, , answer]) => answer));
  });

  it('answers what is there, marked as stale, where the views do not follow', async () => {
    await platform.stop();
    platform = await platform.startAgain({ RINGFENCE_ROLES: 'gateway,decider,carrier' });
    const before = await ask('GET', '/api/v1/voice/calls?limit=1');
    const id = await place();
    const after = await ask('GET', '/api/v1/voice/calls?limit=1');
    expect(after.status).toBe(200);
    expect(after.json).toEqual(before.json);
    expect(JSON.stringify(after.json)).not.toContain(id);
    expect(after.headers.get('ringfence-stale')).toBe('true');
    expect(after.headers.get('ringfence-position')).toMatch(/^log_[0-9A-Z]{26}:\d+$/);
    const named = await ask('POST', '/api/v1/voice/calls/initiate', call);
    const position = encodeURIComponent(named.headers.get('ringfence-position') ?? '');
    const refused = await ask('GET', `/api/v1/voice/calls?limit=1&min_position=${position}`);
    expect(refused).toMatchObject({ status: 503, json: { code: 'read_model_behind' } });
  });
});
