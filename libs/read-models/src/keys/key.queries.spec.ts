import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Query } from '@nestjs/cqrs';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { AccountId } from '@ringfence/kernel/ids';
import { epochMs, position } from '@ringfence/kernel/units';
import { nine } from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { WrittenHistory } from '../written-history.contract.js';
import { keyRegistryProjection } from './key-registry.projection.js';
import { FindKey, ListKeys } from './key.handlers.js';
import { registryRows } from './registry-rows.js';

let models: WrittenHistory;
let account: AccountId;
let events: readonly RecordedEnvelope[];
beforeAll(async () => {
  models = await WrittenHistory.start([keyRegistryProjection]);
  ({ account, events } = models);
});
afterAll(() => models.stop());
const ask = <Result>(query: Query<Result>): Promise<Result> => models.ask(query);

describe('keys', () => {
  it('leave a gateway to read the log where no projector has ever been', () => {
    expect(models.beforeProjectors).toBeUndefined();
  });

  it.each([1_000, 2, 1])(
    'give a gateway the very registry that it would read out of the log: %i in a row',
    async (keysInPage) => {
      const newRegistry = () => new KeyRegistry({} as never, () => Promise.resolve(position(events.length)));
      const [read, loaded] = [newRegistry(), newRegistry()];
      read.apply(events, nine);
      const found = await registryRows(models.db, keysInPage);
      expect(found?.next).toBe(events.length);
      if (found !== undefined) loaded.loadFrom(found.keys, found.next);
      expect([loaded.keyCount, loaded.pepperIds]).toEqual([read.keyCount, read.pepperIds]);
      const idsOf = (registry: KeyRegistry) => [...registry.lines()].map(([key]) => key?.keyId).sort();
      expect(idsOf(loaded)).toEqual(idsOf(read));
      for (const line of read.lines())
        for (const { keyId } of line) expect(loaded.find(keyId)).toEqual(read.find(keyId));
      expect(found?.accountRates.length).toBeGreaterThan(2);
      for (const { accountId, mode, ...rate } of found?.accountRates ?? [])
        expect(rate).toEqual(read.accountRates.of(accountId, mode));
    },
  );

  it('are found by id, with everything that a list shows; one that was never issued is not', async () => {
    const { rows } = await ask(new ListKeys(account, null, { limit: 10 }));
    for (const row of rows) expect(await ask(new FindKey(row.keyId))).toEqual(row);
    expect(await ask(new FindKey(new PredictableIds(9_000).keyId()))).toBeUndefined();
  });

  it('are listed by account, operators’ keys apart', async () => {
    const { rows } = await ask(new ListKeys(account, null, { limit: 10 }));
    expect(rows.map(({ credential }) => credential.kind)).toEqual(['ed25519', 'secret', 'secret', 'secret']);
    const [, child, , parent] = rows;
    expect(child?.parentKeyId).toBe(parent?.keyId);
    expect(rows.map(({ above }) => above.revokedAtMs)).toEqual([null, parent?.revokedAtMs, null, null]);
    expect((await ask(new ListKeys(null, null, { limit: 10 }))).rows).toEqual([]);
  });
});

describe.each(['live', 'test'] as const)('what is seen of the mode %s alone', (mode) => {
  it('is its own keys', async () => {
    const all = (await ask(new ListKeys(account, null, { limit: 10 }))).rows;
    const { rows } = await ask(new ListKeys(account, mode, { limit: 10 }));
    expect(rows).toEqual(all.filter((key) => key.mode === mode));
  });
});

it('gives a gateway the revoked keys in the order of their revocations', async () => {
  const { rows } = await ask(new ListKeys(account, null, { limit: 10 }));
  const keyIds = rows.map(({ keyId }) => keyId);
  const revoke = { type: 'KeyRevoked', reason: 'leaked', onRevoke: 'drain', keyVersion: 9 } as const;
  for (const [at, keyId] of keyIds.entries())
    await models.record({ ...revoke, keyId, revokedAtMs: epochMs(nine + ((at * 3) % 4)) });
  const found = await registryRows(models.db);
  expect(found?.keys.revoked).toEqual([0, 3, 2, 1].map((at) => keyIds[at]));
});
