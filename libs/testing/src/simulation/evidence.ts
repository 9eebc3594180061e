import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { ConsumedOffsets, RecordedEvent, RecordedOutcome } from '@ringfence/event-store/event-store';
import type { Lane } from '@ringfence/kernel/lane';
import type { BusMessage } from '@ringfence/messaging/message';
import type { Happening, Recorded } from './recording.js';
import type { Run } from './simulation.js';

type Of<Kind extends Happening['kind']> = readonly Extract<Recorded, { readonly kind: Kind }>[];

/** What a run left behind, as its judges look at it. */
export type Evidence = {
  readonly cameToRest: boolean;
  readonly recorded: readonly RecordedEvent[];
  readonly events: readonly RecordedEnvelope[];
  readonly outcomes: readonly RecordedOutcome[];
  readonly consumed: ReadonlyMap<Lane, ConsumedOffsets>;
  readonly commands: readonly BusMessage[];
  readonly asked: Of<'asked'>;
  readonly answered: Of<'answered'>;
  readonly letIn: Of<'let_in'>;
  readonly committed: Of<'committed'>;
  readonly heard: ReadonlySet<number>;
  readonly said: Of<'said'>;
  readonly taken: Of<'taken'>;
  readonly broken: Of<'broken'>;
};

export function evidenceOf({ cluster, recording, cameToRest }: Run): Evidence {
  const { log } = cluster;
  return {
    cameToRest,
    recorded: log.events,
    events: log.events.map(decodeRecorded),
    outcomes: [...log.outcomes.values()],
    consumed: log.consumed,
    commands: cluster.messagesIn('commands'),
    asked: recording.of('asked'),
    answered: recording.of('answered'),
    letIn: recording.of('let_in'),
    committed: recording.of('committed'),
    heard: new Set(recording.of('heard').map(({ append }) => append)),
    said: recording.of('said'),
    taken: recording.of('taken'),
    broken: recording.of('broken'),
  };
}

/** What is said of a stream's command. */
export function nameOf({ stream, commandId }: { readonly stream: string; readonly commandId: string }): string {
  return `${stream} ${commandId}`;
}
