import type { EventStore, LaneFence } from '@ringfence/ports/log/event-store';
import { Failure } from '@ringfence/kernel/failure';
import type { Lane } from '@ringfence/kernel/lane';

/**
 * Returns those of these lanes that another process has taken; none if the store does not answer. Never rejects.
 */
export async function lostOf(
  store: Pick<EventStore, 'fencedRead'>,
  fences: readonly LaneFence[],
): Promise<readonly Lane[]> {
  // Nearly always there are none.
  if (fences.length > 1 && !(await isLost(store, fences))) return [];
  const lost: Lane[] = [];
  for (const fence of fences) if (await isLost(store, [fence])) lost.push(fence.lane);
  return lost;
}

async function isLost(store: Pick<EventStore, 'fencedRead'>, fences: readonly LaneFence[]): Promise<boolean> {
  return store.fencedRead(fences).then(
    () => false,
    (failure: unknown) => failure instanceof Failure && failure.code === 'lane_lease_lost',
  );
}
