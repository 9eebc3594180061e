import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { ConsumedOffsets } from '@ringfence/ports/log/event-store';
import type { Lane } from '@ringfence/kernel/lane';
import type { BusMessage } from '@ringfence/ports/message-bus/message';
import type { TransactionFate } from '@ringfence/messaging-memory/memory-broker';
import { readWatermarks, type Watermarks } from '@ringfence/wire/feed/watermarks';
import type { Evidence, Of } from '../checkers/evidence.js';
import { type TopicRecord, topicRecordOf } from '../checkers/topic-judge.js';
import { simulatedLanes, simulatedTopics } from './simulated-topics.js';
import type { Run } from './simulation.js';

/** The evidence of a simulated run, with parts that cannot be observed of real processes. */
export type SimulatedEvidence = Evidence & {
  readonly settled: boolean;
  /** True if every client was served once more after the faults stopped. */
  readonly servedInTheEnd: boolean;
  readonly consumed: ReadonlyMap<Lane, ConsumedOffsets>;
  /** Commands outside of transactions, and commands that were forwarded out of one. */
  readonly commands: readonly BusMessage[];
  readonly transactional: readonly { readonly message: BusMessage; readonly fate: TransactionFate }[];
  readonly topic: readonly TopicRecord[];
  readonly watermarks: readonly Watermarks[];
  /** Number of watermarks of a replaced relay that came after an event of its successor. */
  readonly lateWatermarks: number;
  readonly admitted: Of<'admitted'>;
  readonly acknowledged: ReadonlySet<number>;
  readonly sent: Of<'sent'>;
  readonly leased: Of<'leased'>;
  readonly gaps: Of<'gap'>;
  readonly relayed: Of<'relayed'>;
};

export function simulatedEvidenceOf({ cluster, recording, settled, servedInTheEnd }: Run): SimulatedEvidence {
  const { log } = cluster;
  return {
    laneCount: simulatedLanes,
    settled,
    servedInTheEnd,
    recorded: log.events,
    events: log.events.map(decodeRecorded),
    outcomes: [...log.outcomes.values()],
    consumed: log.consumed,
    commands: cluster.messagesIn('commands'),
    transactional: cluster.broker.topics.transactional(simulatedTopics.commands),
    topic: cluster.messagesIn('events').map(topicRecordOf),
    watermarks: cluster.messagesIn('watermarks').map(readWatermarks),
    lateWatermarks: cluster.broker.lateWatermarks,
    asked: recording.of('asked'),
    answered: recording.of('answered'),
    admitted: recording.of('admitted'),
    committed: recording.of('committed'),
    acknowledged: new Set(recording.of('acknowledged').map(({ append }) => append)),
    sent: recording.of('sent'),
    leased: recording.of('leased'),
    gaps: recording.of('gap'),
    relayed: recording.of('relayed'),
    taken: recording.of('taken'),
    broken: recording.of('broken'),
  };
}
