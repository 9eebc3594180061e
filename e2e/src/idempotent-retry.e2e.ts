import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { caller, type Customer, issueKey, openAccount, patienceMs, placeCall, until } from './test-accounts.js';
import { ofType, readLog, withDatabase } from './log-reader.js';
import { PlatformProcess } from './platform-process.js';

const main = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
const number = '+15005557755';

let platform: PlatformProcess;
let customer: Customer;
beforeAll(async () => {
  platform = await PlatformProcess.start({ env: { RINGFENCE_SANDBOX_SPEED: '50' } });
  customer = await issueKey(platform, await openAccount(platform, 'Idempotent Ltd'), { lines_max: 9 });
});
afterAll(async () => {
  await platform.discard();
});

const operator = (method: string, path: string, body?: unknown, clientKey?: string) =>
  platform.ask(
    platform.keys.adminKey,
    method,
    `/api/v1${path}`,
    body,
    clientKey === undefined ? {} : { 'idempotency-key': clientKey },
  );

describe('a policy that several people change', () => {
  const change = (body: object, clientKey?: string) =>
    operator('PATCH', `/keys/${customer.keyId}/policy`, body, clientKey);

  it('holds all of their changes, whatever their gateway knew of each other’s', async () => {
    const changes = [
      { scopes: ['calls:write', 'calls:read'] },
      { lines_max: 3 },
      { calls_per_second: 7 },
      { burst_calls: 8 },
    ];
    const answers = await Promise.all(changes.map((body) => change(body)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { json } = await change({});
    expect(json).toMatchObject({
      scopes: ['calls:write', 'calls:read'],
      lines_max: 3,
      calls_per_second: 7,
      burst_calls: 8,
    });
  });

  it('answers a retry with the policy that resulted then', async () => {
    const first = await change({ project: 'first' }, 'policy-1');
    await change({ project: 'second', lines_max: 5 });
    const again = await change({ project: 'first' }, 'policy-1');
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.json).toEqual(first.json);
    expect((await change({})).json).toMatchObject({ project: 'second', lines_max: 5 });
  });
});

describe('a number that is erased', () => {
  let callId: string;
  const erase = (body: object, clientKey: string) =>
    operator('POST', `/accounts/${customer.accountId}/subjects/erase`, body, clientKey);
  const shown = async () => {
    const { json } = await platform.ask(customer.secret, 'GET', `/api/v1/voice/calls/${callId}`);
    return json as object;
  };

  it('was there', async () => {
    const placed = await placeCall(platform, customer.secret, number);
    expect(placed).toMatchObject({ status: 202 });
    ({ callId } = placed);
    await until('the call is shown', patienceMs, async () => 'to_number' in (await shown()));
    expect(await shown()).toMatchObject({ from_number: caller, to_number: number, properties: { erased: [] } });
  });

  it('reads null from then on, and says why', async () => {
    const { status, json } = await erase({ value: number }, 'erase-1');
    expect({ status, json }).toMatchObject({ status: 200, json: { account_id: customer.accountId } });
    expect(await shown()).toMatchObject({
      from_number: caller,
      to_number: null,
      legs: [{ to_number: null }],
      properties: { erased: ['to_number'] },
    });
  });

  it('is erased once, and a retry under the same id gets the same answer', async () => {
    const again = await erase({ value: number }, 'erase-1');
    const [erased, ...others] = ofType(await readLog(platform.dataDir), 'account.subject_erased');
    expect(others).toEqual([]);
    expect({ status: again.status, json: again.json }).toMatchObject({
      status: 200,
      json: { account_id: customer.accountId, subject_id: erased?.data['subjectId'] },
    });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await erase({ value: caller }, 'erase-1')).toMatchObject({
      status: 409,
      json: { code: 'idempotency_key_reused' },
    });
    expect(await erase({ value: number }, 'erase-2')).toMatchObject({ status: 404, json: { code: 'subject_unknown' } });
  });

  it('is answered with its first event when somebody asks for its subject again, and stays the only one', async () => {
    const [erased] = ofType(await readLog(platform.dataDir), 'account.subject_erased');
    const body = { subject_id: erased?.data['subjectId'] };
    const [first, again] = [await erase({ value: number }, 'erase-1'), await erase(body, 'erase-3')];
    expect([again.status, again.json]).toEqual([200, first.json]);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(ofType(await readLog(platform.dataDir), 'account.subject_erased')).toHaveLength(1);
  });

  it('is nobody else’s to erase: a subject of another account, or of none, is unknown and nothing is recorded', async () => {
    const other = await openAccount(platform, 'Somebody else');
    const [opened] = ofType(await readLog(platform.dataDir), 'account.opened').filter(
      ({ data }) => data['accountId'] === other,
    );
    const { subjectId } = opened?.data['name'] as { subjectId: string };
    for (const body of [{ subject_id: subjectId }, { subject_id: 'sub_01M8KJ2A5PGVY5GHFW1KJVRP2Z' }])
      expect(await erase(body, `foreign-${body.subject_id}`)).toMatchObject({
        status: 404,
        json: { code: 'subject_unknown' },
      });
    expect(ofType(await readLog(platform.dataDir), 'account.subject_erased')).toHaveLength(1);
    const name = async () => ((await operator('GET', `/accounts/${other}`)).json as { name?: unknown }).name;
    await until('the account is shown', patienceMs, async () => (await name()) !== undefined);
    expect(await name()).toBe('Somebody else');
  });

  it('leaves an audit trail that is whole', async () => {
    const env = { ...process.env, DATABASE_URL: '', RINGFENCE_DATA_DIR: platform.dataDir };
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'replay', '--verify-only', '--json'], {
      env,
    });
    expect(JSON.parse(stdout.trim())).toMatchObject({ report: { whole: true } });
    const audit = await operator('GET', `/audit/events?account_id=${customer.accountId}&limit=100`);
    expect(JSON.stringify(audit.json)).toContain('subject_erased');
    expect(JSON.stringify(audit.json)).not.toContain(number);
  });

  it('is erased again when an older backup brings it back', async () => {
    const [erased] = ofType(await readLog(platform.dataDir), 'account.subject_erased');
    const subjectId = String(erased?.data['subjectId']);
    const accountId = String(erased?.data['accountId']);
    const ask = (text: string, ...more: readonly string[]) =>
      withDatabase(platform.dataDir, (client) => client.query(text, [subjectId, ...more]));
    await ask(
      `insert into vault.subject select $1, $2, '\\x00', wrapped_key, master_key_id, ciphertext from vault.subject limit 1`,
      accountId,
    );
    // The checkpoint is backed up with the vault.
    await withDatabase(platform.dataDir, (client) =>
      client.query(`update reactor.checkpoint set next = 0 where reactor = 'erasure'`),
    );
    await platform.kill9();
    platform = await platform.startAgain();
    await until('it is erased', patienceMs, async () => {
      const { rows } = await ask('select 1 from vault.subject where subject_id = $1');
      return rows.length === 0;
    });
  });
});
