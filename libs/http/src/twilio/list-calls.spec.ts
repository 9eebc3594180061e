import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { problemsOf } from '../route.contract.js';
import { RouteWorld } from '../route-world.contract.js';
import { ListTwilioCallsController } from './list-calls.js';
import { showCall } from './shown-call.contract.js';
import { TwilioWorld } from './twilio-world.contract.js';

describe('listing calls at Twilio’s doorway', () => {
  const itAnswers = problemsOf(ListTwilioCallsController);

  itAnswers('validation_failed', 'for a page that is too large', async (world) =>
    (await TwilioWorld.start(world)).ask('GET', 'Calls.json?PageSize=1001'),
  );
});

describe('a list of calls at Twilio’s doorway', () => {
  let world: RouteWorld;
  let twilio: TwilioWorld;
  /** Parameters of the statement that asked for calls. */
  let asked: readonly unknown[] | undefined;
  beforeAll(async () => {
    world = await RouteWorld.start();
  });
  beforeEach(async () => {
    twilio = await TwilioWorld.start(world);
    await showCall(world, twilio, { state: 'completed', ended_at_ms: '1790000000000', charged_micros: '2000' });
    const { rowsOf } = world.behind;
    asked = undefined;
    world.behind.rowsOf = (sql, params) => {
      if (sql.includes('calls.call')) asked = params;
      return rowsOf(sql, params);
    };
  });
  afterAll(() => world.stop());

  it('has exactly the members that Twilio’s Python client accepts', async () => {
    const { body } = await twilio.ask('GET', 'Calls.json?PageSize=2');
    const uri = `/2010-04-01/Accounts/${twilio.accountSid}/Calls.json?PageSize=2&Page=0`;
    expect(body).toEqual({
      ...{ calls: [expect.objectContaining({ status: 'completed', price: '-0.00200' })], page: 0, page_size: 2 },
      ...{ start: 0, end: 0, uri, first_page_uri: uri, next_page_uri: null, previous_page_uri: null },
    });
  });

  it.each<[query: string, state: unknown, from: unknown, until: unknown, causes: unknown]>([
    ['', null, null, null, null],
    ['Status=queued', 'initiated', null, null, null],
    ['Status=in-progress', 'answered', null, null, null],
    ['Status=completed', 'completed', null, null, null],
    ['Status=busy', 'failed', null, null, ['busy']],
    ['Status=canceled', 'failed', null, null, ['caller_hangup', 'cancelled']],
    ['StartTime=2026-01-02', null, Date.parse('2026-01-02T00:00:00Z'), Date.parse('2026-01-03T00:00:00Z'), null],
    ['StartTime%3E=2026-01-02T03%3A04%3A05Z', null, Date.parse('2026-01-02T03:04:05Z'), null, null],
    ['StartTime%3C=2026-01-02T03%3A04%3A05Z', null, null, Date.parse('2026-01-02T03:04:05Z') + 1, null],
  ])('is asked for %s', async (query, state, from, until, causes) => {
    await world.given(twilio.ask('GET', `Calls.json?${query}`));
    expect(asked?.slice(2, 3).concat(asked.slice(5, 7))).toEqual([state, from, until]);
    expect(asked?.[10] ?? null).toEqual(causes);
    expect(asked?.[8]).toEqual(['test']);
  });

  it.each([
    ['PageSize=0', 20_007],
    ['PageSize=many', 20_007],
    ['Page=1', 21_481],
    ['Page=1&PageToken=abc', 21_481],
    ['Status=unheard', 20_001],
    ['StartTime=yesterday', 20_001],
    ['EndTime=2026-01-02', 20_001],
    ['Nonsense=1', 20_001],
  ])('is refused for %s', async (query, code) => {
    expect(await twilio.ask('GET', `Calls.json?${query}`)).toMatchObject({ status: 400, body: { code } });
  });

  it.each(['To=%2B15005550999', 'From=%2B15005550999', `ParentCallSid=CA${'0'.repeat(32)}`])(
    'is empty for %s, which no call has',
    async (query) => {
      expect(await world.given(twilio.ask('GET', `Calls.json?${query}`))).toMatchObject({ calls: [] });
      expect(asked).toBeUndefined();
    },
  );
});
