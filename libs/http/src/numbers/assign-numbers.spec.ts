import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { NumberId } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import { problemsOf } from '../route.contract.js';
import { RouteWorld, sandboxApp, sandboxTrunk } from '../route-world.contract.js';
import { AssignNumbersController } from './assign-numbers.js';
import { addedNumber } from './number-world.contract.js';

const unknown = { vn: 'vn_01K9Z000000000000000000000', va: 'va_01K9Z000000000000000000000' } as const;
const unknownTrunk = 'st_01K9Z000000000000000000000';

async function withNumber(world: RouteWorld, number: string) {
  const account = await world.account();
  const { secret } = await world.key(account);
  return { secret, account, vn_ids: [await addedNumber(world, account, number)] };
}

describe('assigning numbers', () => {
  const itAnswers = problemsOf(AssignNumbersController);

  itAnswers('validation_failed', 'where an app and a trunk are named', async (world) => {
    const { secret } = await world.key(await world.account());
    const body = { vn_ids: [unknown.vn], voice_app_id: unknown.va, sip_trunk_id: unknownTrunk };
    return world.post('virtual-numbers/assign', body, secret);
  });

  itAnswers('number_unknown', 'where the account does not have a number', async (world) => {
    const { secret } = await world.key(await world.account());
    const { id } = await world.given(world.post('voice/apps', sandboxApp, secret));
    return world.post('virtual-numbers/assign', { vn_ids: [unknown.vn], voice_app_id: id }, secret);
  });

  itAnswers('no_numbers_selected', 'where no number meets the conditions', async (world) => {
    const { secret } = await world.key(await world.account());
    const { id } = await world.given(world.post('voice/apps', sandboxApp, secret));
    return world.post('virtual-numbers/assign?location=DE', { apply_to_all: true, voice_app_id: id }, secret);
  });

  itAnswers('voice_app_unknown', 'where there is no such app', async (world) => {
    const { vn_ids, secret } = await withNumber(world, '+15005550143');
    return world.post('virtual-numbers/assign', { vn_ids, voice_app_id: unknown.va }, secret);
  });

  itAnswers('sip_trunk_unknown', 'where there is no such trunk', async (world) => {
    const { vn_ids, secret } = await withNumber(world, '+15005550144');
    return world.post('virtual-numbers/assign', { vn_ids, sip_trunk_id: unknownTrunk }, secret);
  });
});

describe('the assignment of numbers', () => {
  let world: RouteWorld;
  let key: string;
  let one: NumberId;
  let two: NumberId;
  let app: unknown;
  let trunk: unknown;
  beforeAll(async () => {
    world = await RouteWorld.start();
    const account = await world.account();
    ({ secret: key } = await world.key(account));
    one = await addedNumber(world, account, '+15005550145');
    two = await addedNumber(world, account, '+15005550146');
    ({ id: app } = await world.given(world.post('voice/apps', sandboxApp, key)));
    ({ id: trunk } = await world.given(world.post('sip/trunks', sandboxTrunk, key)));
  });
  afterAll(() => world.stop());

  const assign = (body: object, query = '') => world.post(`virtual-numbers/assign${query}`, body, key);
  /** The last event of the log. */
  async function last(): Promise<unknown> {
    const [event] = (await world.behind.store.readAll(position(0), 1_000)).slice(-1);
    return event === undefined ? undefined : decodeRecorded(event).data;
  }

  it('answers Teler’s fields, and is one event', async () => {
    expect(await world.given(assign({ vn_ids: [one, two, one], voice_app_id: app }))).toEqual({
      success: true,
      message: 'The numbers are assigned.',
      position: expect.any(String),
    });
    expect(await last()).toMatchObject({
      ...{ type: 'NumbersAssigned', numberIds: [one, two], target: { kind: 'voice_app', appId: app } },
    });
    expect(await world.given(world.post('virtual-numbers/unassign', { vn_ids: [two] }, key))).toEqual({
      success: true,
      message: 'The numbers are unassigned.',
      position: expect.any(String),
    });
    expect(await last()).toMatchObject({ type: 'NumbersUnassigned', numberIds: [two] });
  });

  it('takes the conditions of apply_to_all in the query, as Teler’s client sends them, or in the body', async () => {
    await world.given(assign({ vn_ids: [one], voice_app_id: app }));
    const all = { apply_to_all: true, sip_trunk_id: trunk };
    await world.given(assign(all, `?location=US&location=DE&voice_app=${String(app)}`));
    expect(await last()).toMatchObject({ numberIds: [one], target: { kind: 'sip_trunk', trunkId: trunk } });
    await world.given(assign({ apply_to_all: true, sip_trunk: [trunk], voice_app_id: app }));
    expect(await last()).toMatchObject({ numberIds: [one], target: { kind: 'voice_app', appId: app } });
  });

  it.each([
    ['no target', { vn_ids: [unknown.vn] }, '', ['body', 'voice_app_id']],
    ['no numbers', { vn_ids: [], voice_app_id: unknown.va }, '', ['body', 'vn_ids']],
    ['numbers and all', { vn_ids: [unknown.vn], apply_to_all: true, voice_app_id: unknown.va }, '', ['body', 'vn_ids']],
    [
      'a condition without apply_to_all',
      { vn_ids: [unknown.vn], voice_app_id: unknown.va },
      '?location=US',
      ['body', 'location'],
    ],
    [
      'a condition in query and body',
      { apply_to_all: true, location: ['US'], voice_app_id: unknown.va },
      '?location=US',
      ['query', 'location'],
    ],
    ['a search', { apply_to_all: true, voice_app_id: unknown.va }, '?search=line', ['query', 'search']],
    [
      'more numbers than 100',
      { vn_ids: Array.from({ length: 101 }, () => unknown.vn), voice_app_id: unknown.va },
      '',
      ['body', 'vn_ids'],
    ],
  ])('refuses %s, and names the field', async (_, body, query, loc) => {
    expect(await assign(body, query)).toMatchObject({
      status: 422,
      body: { success: false, code: 'validation_failed', errors: [{ loc }] },
    });
  });

  it('is part of a new app’s creation, whose answer counts the numbers', async () => {
    const created = await world.given(world.post('voice/apps', { ...sandboxApp, vn_ids: [one, two] }, key));
    expect(created).toMatchObject({ vn_count: 2 });
    expect(await last()).toMatchObject({ type: 'VoiceAppCreated', numberIds: [one, two] });
  });
});
