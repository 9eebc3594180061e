import { type Lane, laneOf } from '@ringfence/kernel/lane';
import { topicIsWhole } from '../checkers/topic-judge.js';
import type { SimulatedEvidence as Evidence } from './evidence.js';

/** The most late publications: a replaced relay with a publication in flight checks its lease before the next one. */
const lateMax = 1;

/** Checks that readers of the topic of events see the log. */
export function topicHoldsTheLog({ recorded, topic, laneCount }: Evidence): readonly string[] {
  return topicIsWhole({ recorded, topic, laneCount });
}

/** Checks that the watermarks of all partitions name the last event of each below its head. */
export function watermarksAreTrue({ recorded, watermarks, laneCount }: Evidence): readonly string[] {
  const lanes = recorded.map(({ stream }) => laneOf(stream, laneCount));
  return watermarks.flatMap(({ head, ends }) =>
    ends.flatMap((end, partition) => {
      const last = lanes.lastIndexOf(partition as Lane, head - 1);
      const expected = head === 0 || last === -1 ? null : last;
      return (end?.position ?? null) === expected ? [] : `at ${String(head)} partition ${String(partition)} is said to end with ${String(end?.position)}`; // prettier-ignore
    }),
  );
}

/**
 * Checks that a registry reports a gap only if it may have begun with a late event or watermark of a replaced relay,
 * which is behind the link of the next record: the registry cannot know that, and starts over.
 */
export function gapsHaveCause({ gaps, topic, lateWatermarks }: Evidence): readonly string[] {
  const epochs = new Map<number, number>();
  const isLate = topic.some(({ partition, epoch }) => {
    const newest = Math.max(epochs.get(partition) ?? 0, epoch);
    epochs.set(partition, newest);
    return epoch < newest;
  });
  return isLate || lateWatermarks > 0 ? [] : gaps.map(({ process, what }) => `${process} says that ${what}`);
}

/**
 * Checks that, once another process has taken the relay's lease, the previous one publishes only what was in flight.
 */
export function oneRelay({ leased, relayed }: Evidence): readonly string[] {
  const late = new Map<string, number>();
  for (const { process, epoch, order } of relayed) {
    const taker = leased.find((taking) => taking.epoch > epoch && taking.order < order);
    if (taker === undefined) continue;
    const name = `${process} in ${String(epoch)}`;
    late.set(name, (late.get(name) ?? 0) + 1);
  }
  return [...late].flatMap(([name, times]) =>
    times > lateMax ? [`${name} published ${String(times)} times after it was replaced`] : [],
  );
}
