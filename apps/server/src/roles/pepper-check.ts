import type { KeyRegistry } from '@ringfence/auth/key-registry';
import { keysHanging } from '@ringfence/auth/pepper-use';
import { catchUpWithLog } from '@ringfence/auth/registry-catch-up';
import { isOfNewerRelease } from '@ringfence/event-catalog/failures';
import { startFailures } from '../start/start-failures.js';
import type { Needs } from '../server-process.js';

/**
 * Refuses a ring of peppers that lacks one needed by keys in force, which would silently become unknown.
 * @throws Failure `pepper_in_use`, and those of the log and the vault
 */
export async function checkPeppers(
  registry: KeyRegistry,
  { store, peppers, clock }: Needs<'store' | 'peppers' | 'clock'>,
): Promise<void> {
  try {
    await catchUpWithLog(registry, store);
  } catch (failure) {
    // The registry then rejects every request and reports it.
    if (isOfNewerRelease(failure)) return;
    throw failure;
  }
  const left = new Set(peppers.ring.all.map(({ id }) => id));
  // A survey of the keys takes time with many of them, and finds none where no pepper is missing.
  if ([...registry.pepperIds].every((id) => left.has(id))) return;
  const retired = await peppers.store.retired();
  const hanging = [...keysHanging(registry.lines(), peppers.renewals, left, clock.now())].filter(
    ({ pepperIds }) => !pepperIds.some((id) => retired.has(id)),
  );
  const [first] = hanging;
  if (first !== undefined)
    throw startFailures.pepper_in_use([...new Set(hanging.flatMap(({ pepperIds }) => pepperIds))], hanging.length);
}
