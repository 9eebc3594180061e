import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exampleNumber } from '@ringfence/testing/example-events';
import { type AccountId, platformStream } from '@ringfence/kernel/ids';
import { problemsOf } from '../route.contract.js';
import { type IssuedKey, RouteWorld } from '../route-world.contract.js';
import { ListVirtualNumbersController } from './list-virtual-numbers.js';

describe('listing virtual numbers', () => {
  const itAnswers = problemsOf(ListVirtualNumbersController);

  itAnswers('cursor_invalid', 'for a cursor that no answer gave', (world) =>
    world.get('virtual-numbers?cursor_after=abc&account_id=acc_01K9Z000000000000000000000'),
  );

  itAnswers('not_found', 'where a key names another account than its own', async (world) => {
    const key = await world.key(await world.account());
    return world.get(`virtual-numbers?account_id=${await world.account()}`, key.secret);
  });
});

describe('the list of virtual numbers', () => {
  const appId = 'va_01K9Z000000000000000000000';
  let world: RouteWorld;
  let account: AccountId;
  let key: IssuedKey;
  /** Parameters of the statements that asked for numbers. */
  let asked: (readonly unknown[])[];
  beforeAll(async () => {
    world = await RouteWorld.start();
    account = await world.account();
    key = await world.key(account);
    const { vault, ids } = world.behind;
    const appName = await vault.seal(account, 'Front desk');
    const named = [
      ['Support', '+15005550161'],
      [null, '+15005550162'],
      ['sales', '+15005550163'],
    ] as const;
    const rows = await Promise.all(
      named.map(async ([name, number], at) => {
        const sealed = await vault.seal(platformStream, number);
        const sealedName = name === null ? null : await vault.seal(account, name);
        return {
          ...{ number_id: ids.numberId(), account_id: account, mode: 'test', received_position: String(30 - at) },
          ...{ number_subject: sealed.subjectId, number_ciphertext: sealed.ciphertext },
          ...{ name_subject: sealedName?.subjectId ?? null, name_ciphertext: sealedName?.ciphertext ?? null },
          ...{ territory: 'US', kind: 'sandbox', locality: exampleNumber.locality },
          assigned_to: at === 0 ? appId : null,
        };
      }),
    );
    world.behind.rowsOf = (sql, params) => {
      if (sql.includes('from voice_apps.app'))
        return [{ app_id: appId, name_subject: appName.subjectId, name_ciphertext: appName.ciphertext }];
      if (!sql.includes('own_number')) return [];
      asked.push(params);
      return rows;
    };
  });
  afterAll(() => world.stop());

  async function list(query: string): Promise<readonly Record<string, unknown>[]> {
    asked = [];
    const { data } = await world.given(world.get(`virtual-numbers${query}`, key.secret));
    return data as readonly Record<string, unknown>[];
  }

  it('has each number in Teler’s fields, of the key’s account and mode', async () => {
    const [first, second] = await list('');
    expect(first).toEqual({
      id: expect.stringMatching(/^vn_/),
      account_id: account,
      name: 'Support',
      number: '+15005550161',
      location: { country: 'US', kind: 'sandbox', locality: 'new-york' },
      voice_app: { id: appId, name: 'Front desk' },
      sip_trunk: null,
      mode: 'test',
      erased: [],
    });
    expect(second).toMatchObject({ name: null, erased: [], voice_app: null, sip_trunk: null });
    expect(asked).toEqual([[account, null, 'test', null, null, 51, null]]);
  });

  it('takes a place once or several times', async () => {
    await list('?location=US');
    expect(asked[0]?.[3]).toEqual(['US']);
    await list('?location=US&location=DE');
    expect(asked[0]?.[3]).toEqual(['US', 'DE']);
    const { status } = await world.get('virtual-numbers?location=America', key.secret);
    expect(status).toBe(422);
  });

  it('has the numbers that contain a text, or whose names do', async () => {
    const found = async (text: string) =>
      (await list(`?search=${encodeURIComponent(text)}`)).map(({ number }) => number);
    expect(await found('SALES')).toEqual(['+15005550163']);
    expect(await found('s')).toEqual(['+15005550161', '+15005550163']);
    expect(await found('0162')).toEqual(['+15005550162']);
    expect(await found('nothing')).toEqual([]);
  });

  it('takes apps and trunks, once or several times', async () => {
    const trunkId = 'st_01K9Z000000000000000000000';
    await list(`?voice_app=${appId}`);
    await list(`?voice_app=${appId}&voice_app=${appId}&sip_trunk=${trunkId}`);
    expect(asked.at(-1)?.[4]).toEqual([appId, appId, trunkId]);
    await list(`?sip_trunk=${trunkId}`);
    expect(asked.at(-1)?.[4]).toEqual([trunkId]);
  });
});
