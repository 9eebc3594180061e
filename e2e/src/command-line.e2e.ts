import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { linesOf, ringfence } from './command-line.js';
import { withDatabase } from './log-reader.js';
import { PlatformProcess } from './platform-process.js';

describe('the command line beside a running server', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ env: { RINGFENCE_SANDBOX_SPEED: '20' } });
  });
  afterAll(async () => {
    await platform.discard();
  });

  it('plays the whole demo, and everything goes as the story says', async () => {
    const result = await ringfence(platform.dataDir, ['demo']);
    expect({ code: result.code, err: result.err }).toEqual({ code: 0, err: '' });
    expect(result.out).toContain('everything went as the story says');
  });

  it('plays the demo for programs: one object an act, and what it all came to', async () => {
    const result = await ringfence(platform.dataDir, ['demo', '--json']);
    expect({ code: result.code, err: result.err }).toEqual({ code: 0, err: '' });
    const lines = linesOf(result);
    const acts = lines.slice(0, -1);
    expect(acts.map(({ act }) => act)).toEqual(acts.map((_, at) => at + 1));
    expect(acts.find(({ title }) => title === 'The ledger')).toMatchObject({
      checks: expect.arrayContaining([{ what: 'reserved for calls that have ended', found: '0.00' }]) as unknown,
      tables: [{ columns: ['test book', 'debit', 'credit', 'balance'] }],
    });
    expect(lines.at(-1)).toMatchObject({ as_told: true, url: platform.url });
  });

  it('issues, lists and revokes a key, and places and shows a call', async () => {
    const admin = { RINGFENCE_API_KEY: platform.keys.adminKey };
    const account = ['--account', platform.keys.accountId];
    const [key] = linesOf(
      await ringfence(
        platform.dataDir,
        [
          'keys',
          'issue',
          '--label',
          'By hand',
          ...account,
          '--preset',
          'Make calls',
          '--calls-per-second',
          '5',
          '--lines',
          '2',
          '--json',
        ],
        admin,
      ),
    );
    const keyId = String(key?.['id']);
    const own = { RINGFENCE_API_KEY: String(key?.['secret']) };
    const [call] = linesOf(
      await ringfence(
        platform.dataDir,
        ['calls', 'place', '--from', '+15005550100', '--to', '+15005550000', '--json'],
        own,
      ),
    );
    const shown = await ringfence(platform.dataDir, ['calls', 'show', String(call?.['id'])], {
      RINGFENCE_API_KEY: platform.keys.sandboxKey,
    });
    expect(shown.out).toContain(keyId);
    expect((await ringfence(platform.dataDir, ['keys', 'revoke', keyId, '--reason', 'leaked'], admin)).code).toBe(0);
    const [listed] = linesOf(await ringfence(platform.dataDir, ['keys', 'list', ...account, '--json'], admin)).filter(
      ({ id }) => id === keyId,
    );
    expect(listed).toMatchObject({ status: 'revoked', revocation_reason: 'leaked' });
    const refused = await ringfence(platform.dataDir, ['calls', 'list'], own);
    expect({ code: refused.code, out: refused.out }).toEqual({ code: 1, out: '' });
    expect(refused.err).toContain('(key_not_accepted)');
  });

  it('watches a call until its end, which the server says', async () => {
    const place = ['calls', 'place', '--from', '+15005550100', '--to', '+15005550000', '--json'];
    const own = { RINGFENCE_API_KEY: platform.keys.sandboxKey };
    const [call] = linesOf(await ringfence(platform.dataDir, place, own));
    const watched = await ringfence(platform.dataDir, ['calls', 'watch', String(call?.['id']), '--json'], own);
    expect(watched.code).toBe(0);
    const events = linesOf(watched);
    expect(events.map(({ type }) => type)).toEqual([
      ...['call.initiated', 'call.ringing', 'call.answered', 'call.completed'],
    ]);
    expect(events.every(({ position }) => String(position).startsWith('log_'))).toBe(true);
    expect(watched.err).toContain('the server has ended the stream: call_ended');
  });

  it('registers a signing key from its public half, PEM or JWK, and takes no private one', async () => {
    const admin = { RINGFENCE_API_KEY: platform.keys.adminKey };
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const jwk = publicKey.export({ format: 'jwk' });
    const file = (name: string, text: string | Buffer) => {
      writeFileSync(join(platform.dataDir, name), text);
      return join(platform.dataDir, name);
    };
    const pem = { type: 'spki', format: 'pem' } as const;
    const register = ['keys', 'register', '--label', 'Night batch', '--preset', 'Make calls', '--json'];
    const of = (path: string) => [...register, '--account', platform.keys.accountId, '--public-key', path];
    for (const path of [file('key.pem', publicKey.export(pem)), file('key.jwk', JSON.stringify(jwk))]) {
      const [key] = linesOf(await ringfence(platform.dataDir, of(path), admin));
      expect(key).toMatchObject({ kind: 'signing', public_key: { kty: 'OKP', crv: 'Ed25519', x: jwk.x } });
    }
    const listed = await ringfence(platform.dataDir, ['keys', 'list', '--account', platform.keys.accountId], admin);
    expect(listed.out).toMatch(/Night batch │ - +│ signs/);
    const wrong = [
      file('private.pem', privateKey.export({ type: 'pkcs8', format: 'pem' })),
      file('private.jwk', JSON.stringify(privateKey.export({ format: 'jwk' }))),
      file('exchange.pem', generateKeyPairSync('x25519').publicKey.export(pem)),
      file('empty', ''),
      join(platform.dataDir, 'nowhere'),
    ];
    for (const path of wrong) {
      const result = await ringfence(platform.dataDir, of(path), admin);
      expect({ code: result.code, out: result.out }).toEqual({ code: 1, out: '' });
      expect(result.err).toContain('public_key_unreadable');
      expect(result.err).not.toContain(String(privateKey.export({ format: 'jwk' }).d));
    }
  });

  it('opens an account, runs a call and exports its ledger, which agrees with the trial balance', async () => {
    const admin = { RINGFENCE_API_KEY: platform.keys.adminKey };
    const cli = async (line: string, env: Readonly<Record<string, string>> = admin) => {
      const result = await ringfence(platform.dataDir, [...line.split(' '), '--json'], env);
      expect({ line, code: result.code }).toEqual({ line, code: 0 });
      return { ...result, lines: linesOf(result) };
    };
    const opened = await cli('accounts open --name Bookkeeping --currency USD --time-zone Asia/Tokyo');
    const account = String(opened.lines[0]?.['id']);
    await cli(`accounts verify ${account}`);
    await cli(`accounts credit ${account} --mode test --amount-micros 5000000 --reference r1`);
    const issued = await cli(
      `keys issue --account ${account} --label Books --scopes calls:write,calls:read,billing:read`,
    );
    const { id: keyId, secret } = issued.lines[0] ?? {};
    const own = { RINGFENCE_API_KEY: String(secret) };
    const placed = await cli('calls place --from +15005550100 --to +15005550003', own);
    await platform.ask(String(secret), 'GET', `/api/v1/voice/calls/${String(placed.lines[0]?.['id'])}?wait_for=ended`);

    const month = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Tokyo' }).format(Date.now()).slice(0, 7);
    const exported = await cli(`ledger export --month ${month} --mode test`, own);
    const [trial] = (await cli('ledger trial', own)).lines;
    expect(JSON.parse(exported.err)).toMatchObject({
      account_id: account,
      entries: exported.lines.length,
      debit_micros: trial?.['debit_micros'],
      credit_micros: trial?.['credit_micros'],
      balanced: true,
    });
    expect(exported.lines.map(({ event_type: type }) => type)).toEqual(['CallFailed', 'CallPlaced', 'CreditAdded']);

    const csv = await ringfence(platform.dataDir, ['ledger', 'export', '--month', month, '--mode', 'test'], own);
    expect(csv.out.trimEnd().split('\r\n')).toHaveLength(1 + exported.lines.length * 2);
    const page = await fetch(`${platform.url}/api/v1/ledger/entries?limit=2`, {
      headers: { 'x-api-key': String(secret), accept: 'text/csv' },
    });
    expect(page.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(page.headers.get('link')).toMatch(/^<\?limit=2&cursor_after=[^>]+>; rel="next"$/);
    expect((await page.text()).split('\r\n')[0]).toBe('position,book,event_type,subject,key_id,decided_at,lines');

    await cli(`keys policy ${String(keyId)} --lines 3 --expires-at 2099-01-01T00:00:00Z`);
    await cli(`keys policy ${String(keyId)} --without expires-at`);
    expect((await cli(`keys show ${String(keyId)}`)).lines).toMatchObject([{ lines_max: 3, expires_at: null }]);
    expect((await cli(`keys rotate ${String(keyId)} --overlap-seconds 0`)).lines).toMatchObject([{ id: keyId }]);
  });

  it('says how many streams of a projection are parked, and retries them', async () => {
    const cli = (...args: readonly string[]) => ringfence(platform.dataDir, ['projections', ...args]);
    const parked = async () => linesOf(await cli('list', '--json')).filter(({ parked_streams: count }) => count !== 0);
    await withDatabase(platform.dataDir, (client) => client.query(refusingRegion));
    const admin = platform.keys.adminKey;
    const opened = await platform.ask(admin, 'POST', '/api/v1/accounts', {
      name: 'Far away',
      currency: 'USD',
      region: 'refused',
    });
    const { id, position } = opened.json as { readonly id: string; readonly position: string };
    const seen = () => platform.ask(admin, 'GET', `/api/v1/accounts/${id}?min_position=${position}`);
    expect((await seen()).status).toBe(404);
    expect(await parked()).toMatchObject([{ name: 'accounts', parked_streams: 1 }]);

    const again = await cli('retry', 'accounts', '--json');
    expect(again.code).toBe(1);
    expect(linesOf(again)).toMatchObject([
      { name: 'accounts', stream: id, caught_up: false, reason: expect.stringContaining('22000') as unknown },
    ]);
    expect(JSON.parse(again.err)).toMatchObject({ error: { code: 'still_parked' } });
    const other = await cli('retry', 'accounts', '--stream', platform.keys.accountId);
    expect([other.code, other.out, other.err]).toEqual([1, '', expect.stringContaining('(stream_not_parked)')]);

    await withDatabase(platform.dataDir, (client) => client.query('drop trigger refuse on accounts.account'));
    const repaired = await cli('retry', 'accounts', '--stream', id);
    expect([repaired.code, repaired.out]).toEqual([0, expect.stringMatching(new RegExp(`${id} .*caught up`))]);
    expect(await parked()).toEqual([]);
    expect(await seen()).toMatchObject({ status: 200, json: { region: 'refused' } });
    const nothing = await cli('retry', 'accounts');
    expect(nothing).toEqual({ code: 0, out: '', err: 'no stream of accounts is parked\n' });
  });

  it('ends with 1 when somebody has changed an event, and names the place where that shows', async () => {
    expect((await ringfence(platform.dataDir, ['replay', '--verify-only'])).code).toBe(0);
    await withDatabase(platform.dataDir, (client) =>
      client.query(
        `update log.event set bytes = convert_to(replace(convert_from(bytes, 'UTF8'), '"1000000000"', '"9000000000"'), 'UTF8') where position = 6`,
      ),
    );
    // The account’s next event has the hash of this one; what is between them is the inventory’s.
    const result = await ringfence(platform.dataDir, ['replay', '--verify-only', '--json']);
    expect(result.code).toBe(1);
    expect(linesOf(result)).toMatchObject([
      { report: { whole: false, findings: [{ position: 8, rule: 'hashes_chain' }] } },
    ]);
  });
});

/** Makes the database refuse the rows of some accounts, as a bug in a projection would. */
const refusingRegion = `
  create function accounts.refuse() returns trigger language plpgsql as
    $$ begin raise exception 'not this region' using errcode = '22000'; end $$;
  create trigger refuse before insert on accounts.account for each row when (new.region = 'refused') execute function accounts.refuse()`;

describe('the command line alone', () => {
  it('begins a log once, and reads it, without a server', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'ringfence-e2e-'));
    try {
      const inCluster = await ringfence(dataDir, ['bootstrap'], { KAFKA_BROKERS: '127.0.0.1:9' });
      expect({ code: inCluster.code, out: inCluster.out }).toEqual({ code: 1, out: '' });
      expect(inCluster.err).toMatch(/first gateway .*without KAFKA_BROKERS .*\(bootstrap_with_kafka\)/);
      const [first] = linesOf(await ringfence(dataDir, ['bootstrap', '--json']));
      expect(first).toMatchObject({ first: true, sandbox_key: expect.stringMatching(/^rf_test_/) as unknown });
      expect(linesOf(await ringfence(dataDir, ['bootstrap', '--json']))).toEqual([{ first: false }]);
      const rebuilt = linesOf(await ringfence(dataDir, ['projections', 'rebuild', '--all', '--json']));
      expect(rebuilt.length).toBeGreaterThan(5);
      const listed = linesOf(await ringfence(dataDir, ['projections', 'list', '--json']));
      expect(listed.filter(({ behind }) => behind !== 0)).toEqual([]);
      const events = linesOf(await ringfence(dataDir, ['replay', '--json']));
      expect(events.at(-1)).toMatchObject({ report: { whole: true, head: events.length - 1 } });
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
