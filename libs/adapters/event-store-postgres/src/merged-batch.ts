import type { AppendBatch } from '@ringfence/ports/log/event-store';

/** Makes one batch of several that a `BatchUnion` took, their events in the same order. */
export function mergedBatch(batches: readonly AppendBatch[]): AppendBatch {
  const [first] = batches;
  if (first !== undefined && batches.length === 1) return first;
  let before = 0;
  const outcomes = batches.flatMap((batch) => {
    const from = before;
    before += eventCountOf(batch);
    return batch.outcomes.map((outcome) =>
      outcome.lastEvent < 0 ? outcome : { ...outcome, lastEvent: from + outcome.lastEvent },
    );
  });
  return {
    appends: batches.flatMap(({ appends }) => appends),
    unchanged: batches.flatMap(({ unchanged }) => unchanged),
    outcomes,
    consumed: batches.flatMap(({ consumed = [] }) => consumed),
    fences: batches.flatMap(({ fences }) => fences),
  };
}

export function eventCountOf({ appends }: AppendBatch): number {
  return appends.reduce((sum, { events }) => sum + events.length, 0);
}

export function byteCountOf({ appends }: AppendBatch): number {
  return appends.reduce((sum, { events }) => sum + events.reduce((bytes, event) => bytes + event.bytes.length, 0), 0);
}

/**
 * Decides which batches can be one: those that no order among themselves could make any difference to. Not two that
 * write to one stream, or of which one asserts that a stream is unchanged to which the other writes, or that move the
 * offsets of one lane.
 */
export class BatchUnion {
  readonly #written = new Set<string>();
  readonly #asserted = new Set<string>();
  readonly #moved = new Set<number>();

  /** Says whether the batch is independent of all before it. Later ones have to be independent of it in any case. */
  add({ appends, unchanged, consumed = [] }: AppendBatch): boolean {
    const independent =
      appends.every(({ stream }) => !this.#written.has(stream) && !this.#asserted.has(stream)) &&
      unchanged.every(({ stream }) => !this.#written.has(stream)) &&
      consumed.every(({ lane }) => !this.#moved.has(lane));
    for (const { stream } of appends) this.#written.add(stream);
    for (const { stream } of unchanged) this.#asserted.add(stream);
    for (const { lane } of consumed) this.#moved.add(lane);
    return independent;
  }
}
