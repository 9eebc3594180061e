import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Query } from '@nestjs/cqrs';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { AccountId } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
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
    'give a gateway the very registry that it would read out of the log: %i at a time',
    async (records) => {
      const registry = new KeyRegistry({} as never, () => Promise.resolve(position(events.length)));
      registry.apply(events, nine);
      const found = await registryRows(models.db, records);
      expect(found?.next).toBe(events.length);
      expect(found?.rows).toHaveLength(registry.keyCount);
      for (const row of found?.rows ?? []) expect(row).toEqual(registry.find(row.keyId));
      expect(found?.accountRates.length).toBeGreaterThan(2);
      for (const { accountId, mode, ...rate } of found?.accountRates ?? [])
        expect(rate).toEqual(registry.accountRates.of(accountId, mode));
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
