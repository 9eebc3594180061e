import type { RecordedEnvelope } from '@ringfence/event-catalog/envelope';
import type { RecordedEvent, RecordedOutcome } from '@ringfence/ports/log/event-store';
import type { Happening, Recorded } from './recording.js';

export type Of<Kind extends Happening['kind']> = readonly Extract<Recorded, { readonly kind: Kind }>[];

/** The evidence of a run, simulated or of real processes, for its judges. */
export type Evidence = {
  readonly laneCount: number;
  readonly recorded: readonly RecordedEvent[];
  readonly events: readonly RecordedEnvelope[];
  readonly outcomes: readonly RecordedOutcome[];
  readonly asked: Of<'asked'>;
  readonly answered: Of<'answered'>;
  /** Appends in the order of their commits. */
  readonly committed: Of<'committed'>;
  readonly taken: Of<'taken'>;
  readonly broken: Of<'broken'>;
};

/** Names the command of a stream, for messages. */
export function nameOf({ stream, commandId }: { readonly stream: string; readonly commandId: string }): string {
  return `${stream} ${commandId}`;
}

/** Finds the commit that wrote a position. */
export function commitsByPosition(
  committed: Evidence['committed'],
): (position: number) => Of<'committed'>[number] | undefined {
  const writing = committed.filter(({ first, head }) => first < head).toSorted((one, other) => one.first - other.first);
  return (position) => {
    let [low, high] = [0, writing.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((writing[middle]?.head ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    const found = writing[low];
    return found !== undefined && found.first <= position ? found : undefined;
  };
}
