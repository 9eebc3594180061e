import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { publishedNumbers } from '@ringfence/testing/published-numbers';
import { OtlpCollector } from './otlp-collector.js';
import { PlatformProcess } from './platform-process.js';

type Answer = { readonly status: number; readonly json: unknown };
type Body = Readonly<Record<string, unknown>>;

/** The destination guard end to end: what a call gets, what `GET /numbers` says of it, and what is recorded. */
describe('the destination guard over HTTP', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start();
  });
  afterAll(async () => {
    await platform.discard();
  });

  async function keyWith(policy: Body, mode: 'live' | 'test' = 'test'): Promise<string> {
    const { adminKey, accountId: account_id } = platform.keys;
    const rates = { calls_per_second: 1_000, lines_max: 1_000 };
    const body = { account_id, label: 'guarded', mode, preset: 'Make calls', ...rates, ...policy };
    const issued = bodyOf(await platform.ask(adminKey, 'POST', '/api/v1/keys', body));
    return String(issued['secret']);
  }

  const call = (key: string, to_number: string) =>
    platform.ask(key, 'POST', '/api/v1/voice/calls/initiate', {
      from_number: '+15005550100',
      to_number,
    });

  it.each<[string, Body, string, number, string | undefined, string | null]>([
    ['a mobile of Japan', {}, '+819012345678', 202, undefined, null],
    ['the same, its territory named', { destination_prefixes: ['JP'] }, '+819012345678', 202, undefined, null],
    ['the same, its digits named', { destination_prefixes: ['+81'] }, '+819012345678', 202, undefined, null],
    [
      'another territory named',
      { destination_prefixes: ['DE'] },
      '+819012345678',
      403,
      'destination_not_allowed',
      'not_named',
    ],
    ['premium rate', { destination_prefixes: ['JP'] }, '+81990123456', 403, 'destination_not_allowed', 'costly_kind'],
    [
      'premium rate by its digits, without a price',
      { destination_prefixes: ['81990'] },
      '+81990123456',
      422,
      'no_route',
      'no_price',
    ],
    [
      'an island of +1',
      { destination_prefixes: ['1'] },
      '+18765230123',
      403,
      'destination_not_allowed',
      'other_territory',
    ],
    ['a satellite', {}, '+8816123456789', 403, 'destination_not_allowed', 'no_territory'],
    ['pay-per-call', { destination_prefixes: ['US'] }, '+12129761234', 403, 'destination_not_allowed', 'costly_kind'],
    ['an unknown range', { destination_prefixes: ['1'] }, '+15655550123', 422, 'number_range_unknown', 'unknown_range'],
    ['a trunk digit', {}, '+4409012345678', 422, 'number_invalid', 'trunk_digits'],
    ['too few digits', {}, '+15550000', 422, 'number_invalid', 'length'],
    ['too many digits', {}, '+1212555000099', 422, 'number_invalid', 'length'],
    ['the sandbox range', {}, '+15005550000', 202, undefined, null],
  ])('%s with %j: %s gives %i', async (_what, policy, number, status, code, reason) => {
    const key = await keyWith(policy);
    const answer = await call(key, number);
    expect([answer.status, bodyOf(answer)['code']]).toEqual([status, code]);
    const explained = bodyOf(await platform.ask(key, 'GET', `/api/v1/numbers/${encodeURIComponent(number)}`));
    expect(explained).toMatchObject({
      number,
      verdict: reason === null ? 'allowed' : 'refused',
      code: code ?? null,
      reason,
      destination_prefixes: policy['destination_prefixes'] ?? null,
    });
    // The route for calls says the same sentence, and neither says the number.
    if (reason !== null)
      expect(bodyOf(answer)['message']).toBe(String(explained['detail']).replace(/^number:/, 'to_number:'));
    if (reason !== null) expect(String(explained['detail'])).not.toContain(number.slice(1));
  });

  it('shows territories and digits of a policy back as they were named, and refuses what is neither', async () => {
    const { adminKey, accountId: account_id } = platform.keys;
    const wanted = { account_id, label: 'named', mode: 'test', preset: 'Make calls' };
    const issue = (destination_prefixes: readonly string[]) =>
      platform.ask(adminKey, 'POST', '/api/v1/keys', { ...wanted, destination_prefixes });
    const named = ['US', '+4420', '33'];
    const issued = bodyOf(await issue(named));
    expect(issued).toMatchObject({ destination_prefixes: named });
    const position = encodeURIComponent(String(issued['position']));
    const shown = await platform.ask(adminKey, 'GET', `/api/v1/keys/${String(issued['id'])}?min_position=${position}`);
    expect(bodyOf(shown)).toMatchObject({ destination_prefixes: named });
    for (const wrong of ['UK', 'us', 'USA', '++49', '', '+'])
      expect([wrong, (await issue([wrong])).status]).toEqual([wrong, 422]);
    expect(JSON.stringify((await issue(['DE', 'UK'])).json)).toMatch(/destination_prefixes.*1.*ISO 3166-1/);
  });

  it('keeps the sandbox range from live keys', async () => {
    const live = await keyWith({}, 'live');
    const answer = await call(live, '+15005550000');
    expect(bodyOf(answer)).toMatchObject({ code: 'destination_not_allowed' });
    const explained = bodyOf(await platform.ask(live, 'GET', '/api/v1/numbers/+15005550000'));
    expect(explained).toMatchObject({ verdict: 'refused', reason: 'sandbox_range', kind: 'sandbox' });
  });

  it('records territory, kind and the version of the data with the call', async () => {
    const key = await keyWith({ destination_prefixes: ['GB'] });
    const placed = await call(key, '+442079460123');
    expect(placed.status).toBe(202);
    const position = encodeURIComponent(placed.headers.get('ringfence-position') ?? '');
    const path = `/api/v1/audit/events?from=${position}&limit=1&min_position=${position}`;
    const { json } = await platform.ask(platform.keys.adminKey, 'GET', path);
    const [event] = (json as { data: readonly { bytes: string }[] }).data;
    expect(JSON.parse(Buffer.from(event?.bytes ?? '', 'base64').toString('utf8'))).toMatchObject({
      type: expect.stringMatching(/^ringfence\.call\.placed\.v\d+$/),
      data: {
        destination: {
          territory: 'GB',
          kind: 'fixed_line',
          plan: expect.stringMatching(/^libphonenumber-js-\d+\.\d+\.\d+-corrected-\d{4}-\d{2}-\d{2}$/),
          openedRange: null,
        },
      },
    });
  });

  it('has an unknown range opened by an operator, from a moment on, and nobody else', async () => {
    const { adminKey } = platform.keys;
    const key = await keyWith({ destination_prefixes: ['US'] });
    const number = '+15655550199';
    const range = { prefix: '1565', territory: 'US', kind: 'fixed_line_or_mobile' };
    expect(bodyOf(await call(key, number))).toMatchObject({ code: 'number_range_unknown' });
    expect((await platform.ask(key, 'POST', '/api/v1/number-ranges', range)).status).toBe(403);
    expect((await platform.ask(key, 'GET', '/api/v1/number-ranges')).status).toBe(403);
    const past = { ...range, effective_from: '2020-01-01T00:00:00Z' };
    expect(bodyOf(await platform.ask(adminKey, 'POST', '/api/v1/number-ranges', past))).toMatchObject({
      code: 'number_range_invalid',
    });
    const unheard = { ...range, territory: 'UK' };
    expect((await platform.ask(adminKey, 'POST', '/api/v1/number-ranges', unheard)).status).toBe(422);
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    await platform.ask(adminKey, 'POST', '/api/v1/number-ranges', { ...range, effective_from: tomorrow });
    expect(bodyOf(await call(key, number))).toMatchObject({ code: 'number_range_unknown' });
    const opened = await platform.ask(adminKey, 'POST', '/api/v1/number-ranges', range);
    expect([opened.status, bodyOf(opened)]).toEqual([201, expect.objectContaining(range)]);
    expect((await call(key, number)).status).toBe(202);
    const explained = bodyOf(await platform.ask(key, 'GET', `/api/v1/numbers/${encodeURIComponent(number)}`));
    expect(explained).toMatchObject({ verdict: 'allowed', territory: 'US', opened_range: '1565' });
    const listed = bodyOf(await platform.ask(adminKey, 'GET', '/api/v1/number-ranges'));
    expect(listed).toMatchObject({
      data: [
        { ...range, effective_from: tomorrow },
        { ...range, effective_until: null },
      ],
    });
  });

  it('explains a number to an operator for a key that is named, and to an account for its own key alone', async () => {
    const { adminKey, accountId: account_id } = platform.keys;
    const body = { account_id, label: 'asked about', mode: 'test', preset: 'Make calls', destination_prefixes: ['DE'] };
    const issued = bodyOf(await platform.ask(adminKey, 'POST', '/api/v1/keys', body));
    const path = '/api/v1/numbers/+49302312500';
    expect((await platform.ask(adminKey, 'GET', path)).status).toBe(422);
    const asked = `${path}?key_id=${String(issued['id'])}`;
    expect(bodyOf(await platform.ask(adminKey, 'GET', asked))).toMatchObject({
      verdict: 'allowed',
      key_id: issued['id'],
      price: { prefix: '49', currency: 'USD', minute_micros: '10000', main_minute_micros: '10000' },
    });
    expect((await platform.ask(platform.keys.sandboxKey, 'GET', asked)).status).toBe(404);
    const misspelt = bodyOf(await platform.ask(String(issued['secret']), 'GET', '/api/v1/numbers/0049302312500'));
    expect(misspelt).toMatchObject({ verdict: 'refused', code: 'number_invalid', reason: 'form', territory: null });
  });

  it('explains a number to a child key as its calls are answered: by its own policy and by its parent’s', async () => {
    const { adminKey, accountId: account_id } = platform.keys;
    const bounds = { label: 'head', mode: 'test', scopes: ['keys:write', 'keys:read', 'calls:write'], lines_max: 10 };
    const head = bodyOf(
      await platform.ask(adminKey, 'POST', '/api/v1/keys', {
        account_id,
        ...bounds,
        destination_prefixes: ['JP', 'DE'],
      }),
    );
    const ofChild = { ...bounds, label: 'child', scopes: ['calls:write'], destination_prefixes: ['DE'] };
    const child = bodyOf(await platform.ask(String(head['secret']), 'POST', '/api/v1/keys', ofChild));
    const secret = String(child['secret']);
    const explained = async (number: string) => {
      const answer = await call(secret, number);
      const {
        verdict,
        reason,
        refused_by_key_id: by,
      } = bodyOf(await platform.ask(secret, 'GET', `/api/v1/numbers/${encodeURIComponent(number)}`));
      return [answer.status, verdict, reason, by];
    };
    expect(await explained('+493023125000')).toEqual([202, 'allowed', null, null]);
    expect(await explained('+819012345678')).toEqual([403, 'refused', 'not_named', child['id']]);
    // Narrowing a parent narrows its children, though their own policy stays what it was.
    const path = `/api/v1/keys/${String(head['id'])}/policy`;
    const narrowed = await platform.ask(adminKey, 'PATCH', path, { destination_prefixes: ['JP'] });
    expect(narrowed.status).toBe(200);
    const position = encodeURIComponent(String(bodyOf(narrowed)['position']));
    await platform.ask(adminKey, 'GET', `/api/v1/keys/${String(head['id'])}?min_position=${position}`);
    expect(await explained('+493023125000')).toEqual([403, 'refused', 'not_named', head['id']]);
    const asked = `/api/v1/numbers/+493023125000?key_id=${String(child['id'])}`;
    expect(bodyOf(await platform.ask(adminKey, 'GET', asked))).toMatchObject({ refused_by_key_id: head['id'] });
  });

  it('has a price for every territory that can be named, or says that there is none', async () => {
    for (const [named, number, status, prefix] of [
      ['GU', '+16713001234', 202, '1671'],
      ['MP', '+16702341234', 202, '1670'],
      ['AS', '+16846221234', 202, '1684'],
      ['FJ', '+6793212345', 422, null],
    ] as const) {
      const key = await keyWith({ destination_prefixes: [named] });
      const { price, reason } = bodyOf(await platform.ask(key, 'GET', `/api/v1/numbers/${encodeURIComponent(number)}`));
      const answer = await call(key, number);
      const expected = prefix === null ? 'no_price' : null;
      expect([named, answer.status, reason, (price as Body | null)?.['prefix'] ?? null]).toEqual([
        named,
        status,
        expected,
        prefix,
      ]);
    }
  });

  it('opens no account in a currency that is none, or that calls have no price in', async () => {
    const open = async (currency: string) => {
      const body = { name: 'Example Inc', currency };
      const answer = await platform.ask(platform.keys.adminKey, 'POST', '/api/v1/accounts', body);
      return [answer.status, bodyOf(answer)['code']];
    };
    expect(await open('USD')).toEqual([201, undefined]);
    expect(await open('XYZ')).toEqual([422, 'currency_invalid']);
    expect(await open('CHF')).toEqual([422, 'currency_without_deck']);
  });

  it('answers as the published plans say, number by number', async () => {
    const key = await keyWith({});
    const wrong: string[] = [];
    for (const { use, numbers } of publishedNumbers) {
      const [first = ''] = numbers;
      const number = `+${first.replaceAll(' ', '')}`;
      const { verdict } = bodyOf(await platform.ask(key, 'GET', `/api/v1/numbers/${encodeURIComponent(number)}`));
      const right = use === 'ordinary' ? 'allowed' : 'refused';
      if (verdict !== right) wrong.push(`${number} is ${String(verdict)}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe('a number that is asked about', () => {
  it('is in no log, trace or metric', async () => {
    const collector = await OtlpCollector.listen();
    const platform = await PlatformProcess.start({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint } });
    try {
      const digits = '493023125987';
      for (const number of [`+${digits}`, `%2B${digits}`, digits, `+${digits}/x`])
        await platform.ask(platform.keys.sandboxKey, 'GET', `/api/v1/numbers/${number}`);
      const metrics = await (await fetch(`${platform.url}/metrics`)).text();
      expect(metrics).toContain('/numbers/:number');
      await platform.stop();
      for (const output of [metrics, platform.stdout, platform.stderr, collector.text])
        expect(output).not.toContain(digits);
      expect(collector.text).toContain('/numbers/:number');
    } finally {
      await platform.discard();
      collector.close();
    }
  });
});

function bodyOf({ json }: Answer): Body {
  return json as Body; // JSON of an answer
}
