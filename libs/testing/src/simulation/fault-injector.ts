import { clockStepsMs } from '../settable-clock.js';
import type { SimulatedCluster } from './simulated-cluster.js';
import type { World } from './simulated-process.js';

const deadMsMax = 4_000;
const pausedMsMax = 9_000;
/** The longest time that a clock is off: some steps are undone before they take effect, some after. */
const steppedMsMax = 30_000;
/** Share, in thousandths, of clock steps that hit all machines including the store's, as if all ran on one. */
const stepsEverywhere = 300;

/** Kills, pauses and moves processes at moments that depend on the seed, until `over`. */
export function injectFault(world: World, cluster: SimulatedCluster, over: () => boolean): void {
  const { random, scheduler } = world;
  const { faultEveryMs } = world.faults;
  if (faultEveryMs === 0) return;
  scheduler.plan(random.between(1, 2 * faultEveryMs), null, () => {
    if (over()) return;
    disturbOnce(world, cluster);
    injectFault(world, cluster, over);
  });
}

function disturbOnce({ random, scheduler }: World, cluster: SimulatedCluster): void {
  const slot = random.oneOf(cluster.slots);
  const what = random.below(100);
  if (what < 30) {
    if (random.chance(300)) cluster.stop(slot);
    else cluster.kill(slot);
    scheduler.plan(random.below(deadMsMax), null, () => {
      cluster.start(slot);
    });
  } else if (what < 55) cluster.pause(slot, random.below(pausedMsMax));
  else if (what < 65) {
    const slots = random.chance(stepsEverywhere) ? cluster.slots : [slot];
    cluster.setClocks(slots, random.oneOf(clockStepsMs), random.below(steppedMsMax));
  } else if (what < 75) {
    cluster.recording.note({ kind: 'fault', what: 'failing relays', of: 'events' });
    cluster.failRelays();
  } else {
    cluster.recording.note({ kind: 'fault', what: 'shares change', of: 'group' });
    cluster.broker.rebalance();
  }
}
