import { topicIsWhole } from '../judging/topic-judge.js';
import type { SimulatedEvidence as Evidence } from './evidence.js';

/** A replaced relay that has a publication on the way looks at its lease before the next one. */
const lateMax = 1;

/** What readers of the topic of events hear is the log. */
export function topicHoldsTheLog({ recorded, topic, laneCount }: Evidence): readonly string[] {
  return topicIsWhole({ recorded, topic, laneCount });
}

/**
 * A registry says that something is missing only where it may have begun with what a replaced relay brought late, which lies behind what the next record
 * follows: it cannot know, and begins again.
 */
export function gapsHaveCause({ gaps, topic }: Evidence): readonly string[] {
  const epochs = new Map<number, number>();
  const isLate = topic.some(({ partition, epoch }) => {
    const newest = Math.max(epochs.get(partition) ?? 0, epoch);
    epochs.set(partition, newest);
    return epoch < newest;
  });
  return isLate ? [] : gaps.map(({ process, what }) => `${process} says that ${what}`);
}

/** Once another process has taken the relay's lease, the one before it publishes nothing but what was on the way. */
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
