import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { linesOf, ringfence } from './command-line.js';
import { type Customer, issueKey, openAccount, placeCall, wanted } from './test-accounts.js';
import { ofType, readLog } from './log-reader.js';
import { PlatformProcess } from './platform-process.js';

const hourMs = 3_600_000;
let platform: PlatformProcess;
beforeAll(async () => {
  platform = await PlatformProcess.start();
});
afterAll(async () => {
  await platform.discard();
});

const open = (time_zone: string) =>
  platform.ask(platform.keys.adminKey, 'POST', '/api/v1/accounts', { name: 'Z', currency: 'USD', time_zone });
const change = (accountId: string, time_zone: string, key = platform.keys.adminKey) =>
  platform.ask(key, 'POST', `/api/v1/accounts/${accountId}/time-zone`, { time_zone });
/** The calendar day there now, as any library would say. */
const dayIn = (timeZone: string, ms = Date.now()) => new Date(ms).toLocaleDateString('sv-SE', { timeZone });

async function usageByDay({ accountId }: Customer, position: string) {
  const [from, to] = [-5 * 24, 2 * 24].map((hours) => new Date(Date.now() + hours * hourMs).toISOString());
  const query = `account_id=${accountId}&group_by=day&by=none&from=${from ?? ''}&to=${to ?? ''}`;
  return wanted(platform, 'GET', `/api/v1/usage?${query}&min_position=${position}`);
}

describe('the time zone of an account', () => {
  it.each(['NST', 'IST', 'BST', 'ACT', 'US/Pacific-New', 'Asia/Nowhere'])(
    'is none that programs read differently: %s',
    async (zone) => {
      expect(await open(zone)).toMatchObject({ status: 422, json: { code: 'time_zone_invalid' } });
    },
  );

  it('says on which day a call and a refusal fall, which the event records and the report repeats', async () => {
    const opened = await wanted(platform, 'POST', '/api/v1/accounts', {
      name: 'Z',
      currency: 'USD',
      time_zone: 'Asia/Kolkata',
    });
    const accountId = String(opened['id']);
    await wanted(platform, 'POST', `/api/v1/accounts/${accountId}/verify`, {});
    await wanted(platform, 'POST', `/api/v1/accounts/${accountId}/credit`, { mode: 'test', amount_micros: '9000000' });
    const customer = await issueKey(platform, accountId, {});
    const before = dayIn('Asia/Kolkata');
    expect((await placeCall(platform, customer.secret, '+15005550000')).status).toBe(202);
    expect((await placeCall(platform, customer.secret, '+8811234567')).status).toBeGreaterThanOrEqual(400);
    const after = dayIn('Asia/Kolkata');
    const { position } = await wanted(platform, 'POST', `/api/v1/accounts/${accountId}/credit`, {
      mode: 'test',
      amount_micros: '1',
    });
    const log = await readLog(platform.dataDir);
    const found = [...ofType(log, 'call.placed'), ...ofType(log, 'call.refused')].filter(
      ({ stream }) => stream === accountId,
    );
    expect(found).toHaveLength(2);
    for (const { data } of found)
      expect(data).toMatchObject({
        localDay: expect.stringMatching(`^(${before}|${after})$`),
        zoneData: expect.stringMatching(/^20\d\d[a-z]$/),
      });
    if (before !== after) return; // midnight fell between the two: they may be on two days
    expect(await usageByDay(customer, String(position))).toMatchObject([{ local_day: before, calls: 1, refused: 1 }]);
  });

  it('is changed from the next local day on, once for one id, and can be changed back until then', async () => {
    const accountId = await openAccount(platform, 'Moving Ltd');
    const asked = Date.now();
    const first = await change(accountId, 'Asia/Tokyo');
    expect(first).toMatchObject({ status: 200, json: { id: accountId, time_zone: 'Asia/Tokyo' } });
    const { effective_from: from, first_day: day, position } = first.json as Record<string, string>;
    const fromMs = Date.parse(String(from));
    expect(fromMs > asked && fromMs <= asked + 25 * hourMs).toBe(true);
    expect([dayIn('Europe/Berlin', fromMs - 1) < String(day), dayIn('Europe/Berlin', fromMs)]).toEqual([true, day]);
    const shown = await wanted(platform, 'GET', `/api/v1/accounts/${accountId}?min_position=${String(position)}`);
    expect(shown).toMatchObject({
      time_zone: 'Europe/Berlin',
      time_zone_change: { time_zone: 'Asia/Tokyo', effective_from: from, first_day: day },
    });
    expect(await change(accountId, 'Asia/Tokyo')).toMatchObject({ status: 409, json: { code: 'time_zone_unchanged' } });
    const found = await ringfence(platform.dataDir, ['accounts', 'time-zone', accountId, 'Europe/Berlin', '--json'], {
      RINGFENCE_API_KEY: platform.keys.adminKey,
    });
    expect(linesOf(found)).toMatchObject([{ id: accountId, time_zone: 'Europe/Berlin' }]);
    const log = await readLog(platform.dataDir);
    expect(ofType(log, 'account.time_zone_changed').map(({ data }) => data)).toMatchObject([
      { accountId, timeZone: 'Asia/Tokyo', firstDay: day },
      { accountId, timeZone: 'Europe/Berlin' },
    ]);
  });

  it('is its own live key’s to change, and no test key’s', async () => {
    const accountId = await openAccount(platform, 'Admin Ltd');
    const admin = (mode: string) => issueKey(platform, accountId, { scopes: ['accounts:admin'], preset: null, mode });
    const [live, test] = [await admin('live'), await admin('test')];
    expect((await change(accountId, 'Asia/Tokyo', test.secret)).status).toBe(403);
    expect((await change(accountId, 'Asia/Tokyo', live.secret)).status).toBe(200);
    expect((await change(accountId, 'IST', live.secret)).json).toMatchObject({ code: 'time_zone_invalid' });
  });
});
