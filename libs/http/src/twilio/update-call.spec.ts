import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { position } from '@ringfence/kernel/units';
import { problemsOf } from '../route.contract.js';
import { RouteWorld } from '../route-world.contract.js';
import { showCall } from './shown-call.contract.js';
import { TwilioWorld } from './twilio-world.contract.js';
import { UpdateTwilioCallController } from './update-call.js';

const end = { form: { Status: 'completed' } };
const over = { code: 'call_not_live', detail: 'It is over.' } as const;

describe('updating a call at Twilio’s doorway', () => {
  const itAnswers = problemsOf(UpdateTwilioCallController);

  itAnswers('not_found', 'for what is no SID of a call', async (world) =>
    (await TwilioWorld.start(world)).ask('POST', 'Calls/CA1.json', end),
  );

  itAnswers('call_unknown', 'for a SID of no call', async (world) =>
    (await TwilioWorld.start(world)).ask('POST', `Calls/CA${'0'.repeat(32)}.json`, end),
  );

  itAnswers('validation_failed', 'for a status that no call is set to', async (world) =>
    (await TwilioWorld.start(world)).ask('POST', `Calls/CA${'0'.repeat(32)}.json`, { form: { Status: 'busy' } }),
  );

  itAnswers('call_not_live', 'for a call that is over', async (world) => {
    const twilio = await TwilioWorld.start(world);
    const sid = await showCall(world, twilio, { state: 'completed', ended_at_ms: '1790000000000' });
    const outcome = { accepted: false, refusal: over, position: position(0), replayed: false } as const;
    world.behind.beforeNext(() => Promise.resolve(outcome));
    return twilio.ask('POST', `Calls/${sid}.json`, end);
  });
});

describe('a call that Twilio’s doorway updates', () => {
  let world: RouteWorld;
  let twilio: TwilioWorld;
  beforeAll(async () => {
    world = await RouteWorld.start();
    twilio = await TwilioWorld.start(world);
  });
  afterAll(() => world.stop());

  it.each(['completed', 'canceled'])(
    'is hung up when it is to be %s, once, and answered both times',
    async (Status) => {
      const sid = await showCall(world, twilio, { state: 'ringing' });
      const update = () => twilio.ask('POST', `Calls/${sid}.json`, { form: { Status } });
      expect(await update()).toMatchObject({ status: 200, body: { sid, status: 'ringing' } });
      const [last] = (await world.behind.store.readAll(position(0), 1_000)).slice(-1);
      expect(last === undefined ? undefined : decodeRecorded(last).data).toMatchObject({ type: 'CallHangUpRequested' });
      expect(await update()).toMatchObject({ status: 200, body: { sid } });
    },
  );

  it('is not canceled after its answer', async () => {
    const sid = await showCall(world, twilio, { state: 'answered', answered_at_ms: '1790000000000' });
    const answer = await twilio.ask('POST', `Calls/${sid}.json`, { form: { Status: 'canceled' } });
    expect(answer).toMatchObject({ status: 400, body: { code: 21_220 } });
  });

  it.each<[string, Record<string, string>, number]>([
    ['nothing', {}, 20_001],
    ['a Url', { Url: 'https://example.com/twiml' }, 21_205],
    ['TwiML', { Twiml: '<Response/>' }, 20_001],
    ['a status callback', { Status: 'completed', StatusCallback: 'https://example.com/s' }, 20_001],
  ])('is refused with %s', async (_, form, code) => {
    const answer = await twilio.ask('POST', `Calls/CA${'0'.repeat(32)}.json`, { form });
    expect(answer).toMatchObject({ status: 400, body: { code, status: 400 } });
  });
});
