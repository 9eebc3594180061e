import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { position } from '@ringfence/kernel/units';
import { type IssuedKey, RouteWorld } from '../route-world.contract.js';

describe('a key that is revoked while its read waits', () => {
  let world: RouteWorld;
  let key: IssuedKey;
  beforeEach(async () => {
    world = await RouteWorld.start();
    key = await world.key(await world.account());
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await world.stop();
  });

  /** Lets the next read wait once, for as long as `meanwhile` takes. */
  const waiting = (meanwhile: () => Promise<unknown>) => {
    const { progress } = world.behind;
    jest.spyOn(progress, 'hasReached').mockReturnValueOnce(false);
    jest.spyOn(progress, 'reachedBy').mockReturnValueOnce(position(0));
    return jest.spyOn(progress, 'waitFor').mockImplementationOnce(async () => {
      await meanwhile();
      return true;
    });
  };

  it.each(['voice/calls?limit=1', 'ledger/entries', 'usage?by=none', 'keys'])('reads no more of %s', async (path) => {
    expect(await world.get(path, key.secret)).toMatchObject({ status: 200 });
    const wait = waiting(async () => {
      await world.given(world.post(`keys/${key.id}/revoke`, { reason: 'leaked' }));
      await world.behind.catchUp();
    });
    expect(await world.get(path, key.secret)).toMatchObject({ status: 401, body: { code: 'key_not_accepted' } });
    expect(wait).toHaveBeenCalledTimes(1);
  });

  it('waits no longer', async () => {
    const { progress } = world.behind;
    jest.spyOn(progress, 'hasReached').mockReturnValueOnce(false);
    jest.spyOn(progress, 'reachedBy').mockReturnValueOnce(position(0));
    const other = await world.key(await world.account());
    jest.spyOn(progress, 'waitFor').mockImplementationOnce(async (_models, _below, _timeoutMs, signal) => {
      const revoke = async ({ id }: IssuedKey) => {
        await world.given(world.post(`keys/${id}/revoke`, { reason: 'leaked' }));
        await world.behind.catchUp();
        return signal?.aborted;
      };
      expect([await revoke(other), await revoke(key)]).toEqual([false, true]);
      return false;
    });
    expect(await world.get('voice/calls?limit=1', key.secret)).toMatchObject({ status: 401 });
  });

  it('reads on if it was not revoked', async () => {
    const wait = waiting(() => world.behind.catchUp());
    expect(await world.get('voice/calls?limit=1', key.secret)).toMatchObject({ status: 200 });
    expect(wait).toHaveBeenCalledTimes(1);
  });
});
