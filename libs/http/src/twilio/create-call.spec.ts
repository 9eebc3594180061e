import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { position } from '@ringfence/kernel/units';
import { sidOf } from '@ringfence/wire/twilio/twilio-sid';
import { problemsOf } from '../route.contract.js';
import { RouteWorld, sandboxApp } from '../route-world.contract.js';
import { CreateTwilioCallController } from './create-call.js';
import { ringing, TwilioWorld } from './twilio-world.contract.js';

async function shown(world: RouteWorld, policy: object = {}): Promise<TwilioWorld> {
  const twilio = await TwilioWorld.start(world, policy);
  await twilio.showApp();
  return twilio;
}

describe('creating a call at Twilio’s doorway', () => {
  const itAnswers = problemsOf(CreateTwilioCallController);

  itAnswers('validation_failed', 'without a number to call', async (world) =>
    (await TwilioWorld.start(world)).ask('POST', 'Calls.json', { form: { From: ringing.From } }),
  );

  itAnswers('content_type_unsupported', 'to a JSON body', async (world) => {
    const headers = { 'content-type': 'application/json' };
    return (await TwilioWorld.start(world)).ask('POST', 'Calls.json', { text: JSON.stringify(ringing), headers });
  });

  itAnswers('key_not_accepted', 'where the path names another account than the key’s', async (world) => {
    const other = await TwilioWorld.start(world);
    const twilio = await TwilioWorld.start(world);
    return twilio.askOf(other.accountSid, 'POST', 'Calls.json', { form: ringing }, twilio.accountSid);
  });

  itAnswers('account_suspended', 'for a suspended account', async (world) => {
    const twilio = await shown(world);
    await world.given(world.post(`accounts/${twilio.accountId}/suspend`, { reason: 'fraud' }));
    return twilio.create();
  });

  itAnswers('caller_number_not_allowed', 'for a caller number that the policy does not name', async (world) =>
    (await shown(world, { caller_numbers: ['+15005550199'] })).create(),
  );

  itAnswers('destination_not_allowed', 'for a destination that the policy does not name', async (world) =>
    (await shown(world, { destination_prefixes: ['GB'] })).create(),
  );

  itAnswers('rate_limited', 'for a second call in the same moment', async (world) => {
    const twilio = await shown(world, { calls_per_second: 1, burst_calls: 1 });
    await world.given(twilio.create());
    return twilio.create();
  });
});

describe('a call that Twilio’s doorway places', () => {
  let world: RouteWorld;
  let twilio: TwilioWorld;
  beforeAll(async () => {
    world = await RouteWorld.start();
  });
  beforeEach(async () => {
    twilio = await shown(world);
  });
  afterAll(() => world.stop());

  it('is answered in Twilio’s fields, and is a call like any other', async () => {
    const { status, body } = await twilio.create();
    const [last] = (await world.behind.store.readAll(position(0), 1_000)).slice(-1);
    const placed = last === undefined ? undefined : decodeRecorded(last).data;
    if (placed?.type !== 'CallPlaced') throw new Error('a call was placed');
    const sid = sidOf('cs', placed.callId);
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        ...{ sid, account_sid: twilio.accountSid, status: 'queued', direction: 'outbound-api', ...numbers },
        ...{ date_created: expect.stringMatching(/ \+0000$/), date_updated: expect.any(String) },
        ...{ start_time: expect.any(String), end_time: null, duration: null, price: null, price_unit: 'USD' },
        ...{ queue_time: '0', answered_by: null, forwarded_from: null, caller_name: null, annotation: null },
        ...{ parent_call_sid: null, phone_number_sid: null, group_sid: null, trunk_sid: null },
        ...{ api_version: '2010-04-01', subresource_uris: {} },
        uri: `/2010-04-01/Accounts/${twilio.accountSid}/Calls/${sid}.json`,
      },
    });
    const urls = placed.flowUrl === null ? [] : [placed.flowUrl];
    expect(await world.behind.vault.open(urls)).toEqual([sandboxApp.flow_url]);
  });

  const numbers = {
    ...{ from: ringing.From, from_formatted: ringing.From, to: ringing.To, to_formatted: ringing.To },
  };

  it('is placed once for one Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'one call' };
    const first = await world.given(twilio.create({}, headers));
    expect(await world.given(twilio.create({}, headers))).toEqual(first);
  });

  it('is placed with the key’s SID as user, and at the path without .json', async () => {
    const form = { ...ringing, ApplicationSid: sidOf('va', twilio.app), Timeout: '60', Record: 'false' };
    expect(await twilio.ask('POST', 'Calls', { form }, twilio.keySid)).toMatchObject({ status: 201 });
  });

  it('is not placed under a user that is not the key’s; the answer says which is', async () => {
    const answer = await twilio.ask('POST', 'Calls.json', { form: ringing }, `AC${'0'.repeat(32)}`);
    expect(answer).toMatchObject({ status: 401, body: { code: 20_003 } });
    expect(answer.body['message']).toContain(twilio.accountSid);
  });

  it.each<[what: string, more: Record<string, string>, code: number]>([
    ['a client as callee', { To: 'client:alice' }, 21_211],
    ['a caller number of no form', { From: '5550100' }, 21_212],
    ['an application that is none', { ApplicationSid: `AP${'1'.repeat(32)}` }, 21_218],
    ['no application', { ApplicationSid: '' }, 21_218],
    ['a Url', { Url: 'https://example.com/twiml' }, 21_205],
    ['TwiML', { Twiml: '<Response/>' }, 20_001],
    ['a status callback', { StatusCallback: 'https://example.com/status' }, 20_001],
    ['a recording', { Record: 'true' }, 20_001],
    ['detection of machines', { MachineDetection: 'Enable' }, 20_001],
    ['another time of ringing', { Timeout: '30' }, 20_001],
    ['a parameter that Twilio does not know', { Nonsense: '1' }, 20_001],
  ])('is refused with %s, and the parameter is named', async (_, more, code) => {
    const { status, body } = await twilio.create(more);
    expect({ status, body }).toEqual({
      status: 400,
      body: {
        ...{ code, status: 400, more_info: `https://www.twilio.com/docs/errors/${String(code)}` },
        message: expect.stringMatching(new RegExp(`^${Object.keys(more)[0] ?? ''} `)),
      },
    });
  });

  it('is refused with one parameter twice', async () => {
    const form = [...Object.entries(ringing), ['To', '+15005550000']] as const;
    expect(await twilio.ask('POST', 'Calls.json', { form })).toMatchObject({ status: 400, body: { code: 21_211 } });
  });

  it('is refused with the application of another number', async () => {
    const { body } = await twilio.create({ From: '+15005550199' });
    expect(body).toMatchObject({ code: 21_218, message: expect.stringContaining('From') });
  });

  it('is not placed with Basic authentication elsewhere, nor with a form', async () => {
    const authorization = `Basic ${Buffer.from(`${twilio.accountSid}:${twilio.key.secret}`).toString('base64')}`;
    const sent = { key: null, headers: { authorization } };
    expect(await world.ask('GET', 'voice/calls', undefined, sent)).toMatchObject({ status: 401 });
  });
});
