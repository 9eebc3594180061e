import { describe, expect, it } from '@jest/globals';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { inventoryStream } from '@ringfence/kernel/ids';
import { streamVersion } from '@ringfence/kernel/units';
import { MemoryEventStore, MemoryLog } from '@ringfence/event-store-memory/memory-event-store';
import { exampleRoutes } from '@ringfence/testing/examples';
import { FakeClock } from '@ringfence/testing/fake-clock';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { SecretHasher } from '@ringfence/auth/secret-hasher';
import { LaneExecutor } from '@ringfence/lanes/lane-executor';
import type { CommandDispatcher } from '@ringfence/commands/command-dispatcher';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { InMemorySubjectVault } from '@ringfence/vault-memory/memory-subject-vault';
import { alreadyReady, bootstrap, type BootstrapOptions } from './bootstrap.js';
import { openOrCreateLog } from '@ringfence/lanes/open-log';

const nothing = () => undefined;

async function platform() {
  const [clock, ids] = [new FakeClock(), new PredictableIds()];
  const store = new MemoryEventStore(new MemoryLog(), clock);
  const log = await openOrCreateLog(store, { clock, ids, owner: 'spec' });
  const host = { lanesLost: nothing, parked: nothing, quarantined: nothing, outdated: nothing, broken: nothing };
  const executor = await LaneExecutor.start({
    store,
    clock,
    timers: systemTimers,
    ids,
    log,
    host,
    routes: exampleRoutes,
    owner: 'spec',
    lanes: 'all',
  });
  const hasher = new SecretHasher(KeyRing.parse(`one:${Buffer.alloc(32, 1).toString('base64')}`, 'spec'));
  const parts = { log, store, vault: new InMemorySubjectVault(ids), hasher, ids, clock };
  return { parts, executor };
}

/** Dispatches so many commands, and no more. */
function atMost(count: number, dispatcher: CommandDispatcher): CommandDispatcher {
  let left = count;
  return {
    dispatch: (command) => {
      left -= 1;
      return left < 0 ? Promise.reject(new Error('the process was killed')) : dispatcher.dispatch(command);
    },
  };
}

describe('an empty platform', () => {
  it('is ready, as its log alone says, once all steps are done and the secrets were shown', async () => {
    const { parts, executor } = await platform();
    expect(await alreadyReady(parts)).toBeNull();
    const first = await bootstrap({ ...parts, dispatcher: executor });
    expect(await alreadyReady(parts)).toBeNull();
    if (first.kind !== 'ready') throw new Error('it was begun by other means');
    await first.shown();
    const { accountId, operatorKeyId } = first;
    const known = { kind: 'ready', accountId, operatorKeyId, secrets: null };
    expect(await alreadyReady(parts)).toMatchObject(known);
    expect(await bootstrap({ ...parts, dispatcher: executor })).toMatchObject(known);
    await executor.stop();
  });

  it('is not, wherever its first start was cut off', async () => {
    const { parts, executor } = await platform();
    const cutOff = (after: number): BootstrapOptions => ({ ...parts, dispatcher: atMost(after, executor) });
    for (let after = 0; after < 8; after += 1) {
      await expect(bootstrap(cutOff(after))).rejects.toThrow('killed');
      expect(await alreadyReady(parts)).toBeNull();
    }
    expect(await bootstrap({ ...parts, dispatcher: executor })).toMatchObject({ kind: 'ready' });
    await executor.stop();
  });

  it('gives the demo account a number of the sandbox, once, and not where the first secrets were shown', async () => {
    const { parts, executor } = await platform();
    const numbers = async () => {
      const recorded = await parts.store.readStream(inventoryStream, streamVersion(1), 10);
      return recorded.map((event) => decodeRecorded(event).data);
    };
    const first = await bootstrap({ ...parts, dispatcher: executor });
    await bootstrap({ ...parts, dispatcher: executor });
    if (first.kind !== 'ready') throw new Error('it was begun by other means');
    await first.shown();
    const { accountId } = first;
    expect(await numbers()).toMatchObject([{ type: 'NumberAdded', accountId, mode: 'test', kind: 'sandbox' }]);
    const types: string[] = [];
    const dispatcher: CommandDispatcher = {
      dispatch: (command) => {
        types.push(command.payload.type);
        return executor.dispatch(command);
      },
    };
    await bootstrap({ ...parts, dispatcher });
    // Deciders of a release that has no inventory may run beside this one.
    expect(types).not.toContain('AddNumber');
    await executor.stop();
  });
});
