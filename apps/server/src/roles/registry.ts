import { KeyRegistry } from '@ringfence/auth/key-registry';
import { KeyRegistryFeed } from '@ringfence/auth/key-registry-feed';
import type { EventSource } from '@ringfence/projections/event-source';
import { type RegistryRows, registryRows } from '@ringfence/read-models/keys/registry-rows';
import type { Needs } from '../server-process.js';
import { logThrottle } from '../telemetry/log-throttle.js';
import { checkPeppers } from './pepper-check.js';

/**
 * Begins to read the keys: with many of them it takes as long as the rest of the start, and is done beside it.
 * @returns undefined: there is no read model of them
 */
export function readKeys({ config: { roles }, db }: Needs<'config' | 'db'>): Promise<RegistryRows | undefined> {
  if (!roles.has('gateway') && !roles.has('decider')) return Promise.resolve(undefined);
  const reading = registryRows(db);
  // The registry throws it, unless the start has failed before.
  reading.catch(() => undefined);
  return reading;
}

/**
 * Loads the keys into memory, from the read model and then from the log, and keeps them fresh.
 * @throws Failure `pepper_in_use`
 */
export async function startRegistry(
  {
    store,
    knownKeys,
    hasher,
    peppers,
    clock,
    log,
    undo,
  }: Needs<'store' | 'knownKeys' | 'hasher' | 'peppers' | 'clock' | 'log' | 'undo'>,
  source: EventSource,
): Promise<KeyRegistry> {
  const registry = new KeyRegistry(hasher, () => store.head());
  const known = await knownKeys;
  if (known !== undefined) registry.loadFrom(known.keys, known.next, known.accountRates);
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
