import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { parseOperationId } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import { RouteWorld } from '../route-world.contract.js';
import { answeredCall } from './answered-call.contract.js';

describe('a mutation of a live call', () => {
  let world: RouteWorld;
  beforeAll(async () => {
    world = await RouteWorld.start();
  });
  afterAll(() => world.stop());

  const log = async () => (await world.behind.store.readAll(position(0), 10_000)).map(decodeRecorded);
  const last = async () => (await log()).at(-1)?.data;

  it('is recorded as an order, and answered with an id of the request', async () => {
    const { key, callId, legId } = await answeredCall(world);
    const answer = await world.post(`voice/calls/${callId}/mute`, { leg_id: legId, on: true }, key.secret);
    expect(answer).toMatchObject({
      status: 200,
      body: { request_id: expect.stringMatching(/^cmd_/), playback_id: null },
    });
    expect(await last()).toMatchObject({ type: 'CallMuteRequested', callId, legId, muted: true });
  });

  it('of a playback names it, and the next one ends it', async () => {
    const { key, callId } = await answeredCall(world);
    const play = (body: object) =>
      world.given(
        world.post(`voice/calls/${callId}/play`, { media_url: 'https://example.com/a.mp3', ...body }, key.secret),
      );
    const first = await play({ loop: 2, on_dtmf: 'stop' });
    expect(first).toMatchObject({ playback_id: expect.stringMatching(/^op_/) });
    expect(await last()).toMatchObject({ operationId: first['playback_id'], timesPlayed: 2, onDigit: 'stop' });
    await play({});
    const ended = (await log()).map(({ data }) => data).filter(({ type }) => type === 'CallPlaybackEnded');
    expect(ended).toMatchObject([{ operationId: first['playback_id'], outcome: 'stopped' }]);
  });

  it('is decided once, however often it is sent with one Idempotency-Key', async () => {
    const { key, callId } = await answeredCall(world);
    const send = (digits: string) =>
      world.ask(
        'POST',
        `voice/calls/${callId}/dtmf`,
        { digits },
        { key: key.secret, headers: { 'idempotency-key': 'once' } },
      );
    const [one, again] = [await send('1'), await send('1')];
    expect(again.body).toEqual(one.body);
    expect(
      (await log()).filter(({ subject, data }) => subject === callId && data.type === 'CallDigitsRequested'),
    ).toHaveLength(1);
    expect((await send('2')).status).toBe(409);
  });

  it('of digits leaves them nowhere in the log, in no form; the vault hands them over once', async () => {
    const { key, callId } = await answeredCall(world);
    const digits = '48151623#42*';
    await world.given(world.post(`voice/calls/${callId}/dtmf`, { digits }, key.secret));
    const event = await last();
    expect(event).toMatchObject({ type: 'CallDigitsRequested', digitCount: 12, toneMs: 100 });
    const kept = (await world.behind.store.readAll(position(0), 10_000)).map(({ bytes }) =>
      Buffer.from(bytes).toString(),
    );
    expect(kept.filter((text) => text.includes(digits))).toEqual([]);
    const operationId = event !== undefined && 'operationId' in event ? parseOperationId(event.operationId) : undefined;
    if (operationId === undefined) throw new RangeError('the event names its operation');
    expect(await world.behind.vault.claim(operationId)).toBe(digits);
    expect(await world.behind.vault.claim(operationId)).toBeNull();
  });

  it('is nothing that an operator requests', async () => {
    const { callId } = await answeredCall(world);
    expect(await world.post(`voice/calls/${callId}/dtmf`, { digits: '1' })).toMatchObject({ status: 403 });
  });
});
