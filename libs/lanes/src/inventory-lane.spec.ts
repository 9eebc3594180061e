import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SubmittedCommand } from '@ringfence/commands/command-dispatcher';
import { type AccountId, inventoryStream, type KeyId, platformStream } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import { sealedExample } from '@ringfence/testing/examples';
import { LaneBench } from '@ringfence/testing/lane-bench';

let b: LaneBench;
beforeEach(() => {
  b = new LaneBench();
});
afterEach(async () => {
  await b.stop();
});

function add(accountId: AccountId, clear: string, keyId: KeyId): SubmittedCommand {
  const numberId = b.ids.numberId();
  const number = { clear, sealed: sealedExample(clear) };
  const payload = { type: 'AddNumber', accountId, numberId, number, locality: null, name: null } as const;
  return {
    ...b.command(payload),
    stream: inventoryStream,
    principal: { kind: 'key', keyId, home: 'platform' },
  };
}

function revoke(keyId: KeyId): SubmittedCommand {
  const payload = { type: 'RevokeKey', accountId: null, keyId, reason: 'leaked', onRevoke: null } as const;
  return { ...b.command({ ...payload, accountId: b.ids.accountId() }), payload, stream: platformStream };
}

describe('the inventory', () => {
  it('has a lane by its id, as every stream has, and is not in the lane of the platform', () => {
    expect(laneOf(inventoryStream, 64)).not.toBe(laneOf(platformStream, 64));
  });

  it('takes numbers with an operator’s key, on the condition that the platform’s stream has not changed', async () => {
    const executor = await b.start();
    const keyId = b.ids.keyId();
    await executor.dispatch(b.issue(null, keyId));
    b.store.batches.length = 0;
    const account = b.ids.accountId();
    expect(await executor.dispatch(add(account, '+15005550100', keyId))).toMatchObject({ accepted: true });
    expect(b.store.batches).toMatchObject([{ unchanged: [{ stream: platformStream, version: 3 }] }]);
    const [added] = await b.events(inventoryStream);
    expect(added).toMatchObject({ issuedBy: { kind: 'key', id: keyId, version: 1 }, mode: 'test' });
  });

  it('takes none with a key that was revoked, and records who tried', async () => {
    const executor = await b.start();
    const keyId = b.ids.keyId();
    await executor.dispatch(b.issue(null, keyId));
    await executor.dispatch(revoke(keyId));
    const refused = await executor.dispatch(add(b.ids.accountId(), '+15005550100', keyId));
    expect(refused).toMatchObject({ accepted: false, refusal: { code: 'key_revoked' } });
    expect(await b.events(inventoryStream)).toMatchObject([
      { data: { type: 'CommandTurnedAway', presentedKeyId: keyId, code: 'key_revoked', commandType: 'add_number' } },
    ]);
  });

  it('is built again from the log by the next owner of its lane, or from a snapshot', async () => {
    const first = await b.start();
    const keyId = b.ids.keyId();
    await first.dispatch(b.issue(null, keyId));
    const account = b.ids.accountId();
    await first.dispatch(add(account, '+15005550100', keyId));
    await first.stop();
    const next = await b.start({ owner: 'next' });
    const again = add(b.ids.accountId(), '+15005550100', keyId);
    expect(await next.dispatch(again)).toMatchObject({ refusal: { code: 'number_already_added' } });
  });

  it('decides no command of an account, and an account none of the inventory’s', async () => {
    const executor = await b.start();
    const account = await b.opened(executor);
    const misplaced = add(account, '+15005550100', b.ids.keyId());
    for (const command of [
      { ...misplaced, stream: account },
      { ...b.credit(account, 1n), stream: inventoryStream },
    ])
      expect(() => void executor.dispatch(command)).toThrow('stream of its own account');
  });
});
