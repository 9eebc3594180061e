import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { callOf } from '../calls/followed-events.contract.js';
import { expectProblem, problemsOf } from '../route.contract.js';
import { type IssuedKey, RouteWorld } from '../route-world.contract.js';
import { ReplyToFlowRequestController } from './reply-to-flow-request.js';

const path = 'listener/flow-replies';
const hangup = { status: 200, body: '{"action":"hangup"}' };

/** An answered call of a new account whose flow was requested. */
async function requested(world: RouteWorld, flow_url = 'http://listener.invalid/flow') {
  const accountId = await world.account();
  const key = await world.key(accountId);
  const call = await callOf(world, key, { flow_url });
  await call.answer();
  const reply = (answer: object, from: IssuedKey = key) =>
    world.post(path, { call_id: call.callId, step: 1, ...answer }, from.secret);
  return { ...call, accountId, key, reply };
}

describe('replying to a flow request', () => {
  const itAnswers = problemsOf(ReplyToFlowRequestController);

  itAnswers('mode_not_allowed', 'to a live key', async (world) => {
    const { accountId, reply } = await requested(world);
    return reply(hangup, await world.key(accountId, { mode: 'live' }));
  });

  itAnswers('not_found', 'to a key that has not placed the call', async (world) => {
    const { accountId, reply } = await requested(world);
    return reply(hangup, await world.key(accountId));
  });

  itAnswers('progress_already_recorded', 'to a second reply', async (world) => {
    const { reply } = await requested(world);
    await world.given(reply(hangup));
    return reply(hangup);
  });

  let world: RouteWorld;
  beforeAll(async () => {
    world = await RouteWorld.start();
  });
  afterAll(() => world.stop());

  it('does not find a flow that is requested elsewhere', async () => {
    const { reply } = await requested(world, 'https://example.com/flow');
    expectProblem(await reply(hangup), 'not_found');
  });

  it('records the action, in the name of the listener', async () => {
    const { callId, key, reply } = await requested(world);
    const action = { action: 'play', media_url: 'https://example.com/hello.wav' };
    const answer = await world.given(reply({ status: 200, body: JSON.stringify(action, null, 2) }));
    expect(answer).toEqual({ call_id: callId, step: 1, action: 'play', fault: null });
    const life = (await world.behind.store.readSubject(callId, 100)).map(decodeRecorded);
    expect(life.at(-1)).toMatchObject({
      issuedBy: { kind: 'worker', id: `listener:${key.id}` },
      data: { type: 'CallFlowReplied', step: 1 },
    });
    expect(
      JSON.stringify(life.at(-1), (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
    ).not.toContain('hello.wav');
  });

  it.each([
    {
      what: 'a reply that is not valid',
      answer: { status: 200, body: '{"action":"stream","ws_url":"https://a.example"}' },
      fault: { code: 'member_invalid', pointer: '/ws_url', expected: expect.stringMatching(/ws/) },
    },
    { what: 'a status', answer: { status: 503 }, fault: { code: 'status_not_successful', http_status: 503 } },
    { what: 'no answer', answer: { error: 'connection_failed' }, fault: { code: 'connection_failed' } },
    { what: 'too much', answer: { status: 200, body: 'é'.repeat(40_000) }, fault: { code: 'reply_too_large' } },
  ])('says what is wrong with $what', async ({ answer, fault }) => {
    const { reply } = await requested(world);
    expect(await world.given(reply(answer))).toMatchObject({ action: null, fault });
  });

  it.each([{}, { status: 200, error: 'connection_failed' }])(
    'takes either a status or an error, not %j',
    async (answer) => {
      const { reply } = await requested(world);
      expect(await reply(answer)).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
    },
  );
});
