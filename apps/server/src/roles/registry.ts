import { KeyRegistry } from '@ringfence/auth/key-registry';
import { KeyRegistryFeed } from '@ringfence/auth/key-registry-feed';
import type { EventSource } from '@ringfence/projections/event-source';
import { registryRows } from '@ringfence/read-models/keys/registry-rows';
import type { Needs } from '../server-process.js';
import { logThrottle } from '../telemetry/log-throttle.js';
import { checkPeppers } from './pepper-check.js';

/**
 * Loads the keys into memory, from the read model and then from the log, and keeps them fresh.
 * @throws Failure `pepper_in_use`
 */
export async function startRegistry(
  {
    store,
    db,
    hasher,
    peppers,
    clock,
    log,
    undo,
  }: Needs<'store' | 'db' | 'hasher' | 'peppers' | 'clock' | 'log' | 'undo'>,
  source: EventSource,
): Promise<KeyRegistry> {
  const registry = new KeyRegistry(hasher, () => store.head());
  const known = await registryRows(db);
  if (known !== undefined) registry.loadFrom(known.rows, known.next, known.accountRates);
  await checkPeppers(registry, { store, peppers, clock });
  const following = new AbortController();
  const shouldLog = logThrottle(clock);
  const followed = new KeyRegistryFeed(registry, source, clock, (failure) => {
    if (shouldLog(failure)) log.event('key_registry_behind', { err: failure });
  }).run(following.signal);
  undo.push(async () => {
    following.abort();
    await followed;
  });
  return registry;
}
