import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { issueKey, openAccount, placeCall, wanted } from './test-accounts.js';
import { OtlpCollector } from './otlp-collector.js';
import { PlatformProcess } from './platform-process.js';

type Body = Readonly<Record<string, unknown>>;

/** `GET /rates` beside what calls are really placed at. */
describe('the price of a number', () => {
  let collector: OtlpCollector;
  let platform: PlatformProcess;
  let accountId: string;
  let key: string;
  beforeAll(async () => {
    collector = await OtlpCollector.listen();
    platform = await PlatformProcess.start({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint } });
    accountId = await openAccount(platform, 'Rates');
    key = (await issueKey(platform, accountId, {})).secret;
  });
  afterAll(async () => {
    await platform.discard();
    collector.close();
  });

  const ask = async (number: string, secret = key, more = '') => {
    const path = `/api/v1/rates?number=${encodeURIComponent(number)}${more}`;
    const { status, json } = await platform.ask(secret, 'GET', path);
    return { status, body: json as Body }; // JSON of an answer
  };

  it.each([
    ['an ordinary number', '+442079460123', '44'],
    ['a number with a longer prefix of its own', '+447911123456', '447'],
    ['a number of the sandbox range', '+15005550000', '1500555'],
  ])('is what a call to it is placed at: %s', async (_what, number, prefix) => {
    const { status, body } = await ask(number);
    expect([status, body]).toMatchObject([200, { number, account_id: accountId, currency: 'USD', code: null }]);
    expect(body['rate']).toMatchObject({ prefix, currency: 'USD', connect_fee_micros: '0' });
    const { callId } = await placeCall(platform, key, number);
    const call = await wanted(platform, 'GET', `/api/v1/voice/calls/${callId}`);
    expect((call['properties'] as Body)['rate']).toEqual(body['rate']);
  });

  it.each([
    ['no number of its country code', '+4402079460123', 'number_invalid', 'trunk_digits', null],
    ['a range that no plan knows', '+15655550123', 'number_range_unknown', 'unknown_range', null],
    ['a destination without a price', '+376312345', 'no_route', 'no_price', 'AD'],
  ])('is said to be missing for %s', async (_what, number, code, reason, territory) => {
    const { status, body } = await ask(number);
    expect([status, body]).toMatchObject([200, { number, rate: null, code, reason, territory, currency: 'USD' }]);
    expect(String(body['detail'])).toMatch(/\.$/);
    expect(String(body['detail'])).not.toContain(number.slice(1));
  });

  it('is asked for with a plus that is escaped or not, and with a number in E.164 alone', async () => {
    const { json } = await platform.ask(key, 'GET', '/api/v1/rates?number=+442079460123');
    expect(json).toMatchObject({ number: '+442079460123', rate: { prefix: '44' } });
    for (const query of ['', '?number=', '?number=02079460123', '?number=%20%2B442079460123', '?number=++442079460123'])
      expect([query, await platform.ask(key, 'GET', `/api/v1/rates${query}`)]).toMatchObject([
        query,
        {
          status: 422,
          json: { code: 'validation_failed', errors: [{ in: 'query', parameter: 'number', rule: 'e164' }] },
        },
      ]);
  });

  it('is that of the presented key’s account; an operator names one', async () => {
    const { adminKey } = platform.keys;
    const unnamed = await ask('+442079460123', adminKey);
    expect([unnamed.status, unnamed.body]).toMatchObject([422, { errors: [{ parameter: 'account_id' }] }]);
    const named = await ask('+442079460123', adminKey, `&account_id=${accountId}`);
    expect([named.status, named.body]).toMatchObject([200, { account_id: accountId, rate: { prefix: '44' } }]);
    const nobodys = `&account_id=${accountId.slice(0, -6)}ZZZZZZ`;
    expect((await ask('+442079460123', adminKey, nobodys)).status).toBe(404);
    expect((await ask('+442079460123', platform.keys.sandboxKey, `&account_id=${accountId}`)).status).toBe(404);
    const auditor = (await issueKey(platform, accountId, { preset: null, scopes: ['audit:read'] })).secret;
    expect((await ask('+442079460123', auditor)).status).toBe(403);
  });

  it('leaves the number in no log, trace or metric', async () => {
    const digits = '493023125987';
    for (const query of [`%2B${digits}`, `+${digits}`, digits, `${digits}&x=1`])
      await platform.ask(key, 'GET', `/api/v1/rates?number=${query}`);
    const metrics = await (await fetch(`${platform.url}/metrics`)).text();
    await platform.stop();
    expect(metrics).toContain('/api/v1/rates');
    expect(collector.text).toContain('/api/v1/rates');
    for (const output of [metrics, platform.stdout, platform.stderr, collector.text])
      expect(output).not.toContain(digits);
  });
});
