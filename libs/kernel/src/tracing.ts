/** Every span beside those of requests: what a process does for many at once, or in its own time. */
export const spanNames = ['lane.batch', 'log.append', 'log.fenced_read', 'projection.batch', 'carrier.dial'] as const;
type SpanName = (typeof spanNames)[number];
/** Counts, names and ids of ours; never what a client sent. */
type SpanAttributes = Readonly<Record<`ringfence.${string}`, string | number>>;

/**
 * The port through which a process reports its spans. Without a collector there is none, and nothing is created for it.
 */
export interface Tracing {
  /**
   * @param causes W3C trace contexts of what it is done for; null: of nothing that is traced. It belongs to the trace
   * of the first that is recorded, and is linked with the others, causesMax of them
   * @param startedAtMs monotonic; default: now
   */
  begin(
    name: SpanName,
    causes: readonly (string | null)[],
    attributes: SpanAttributes,
    startedAtMs?: number,
  ): TracedSpan;
}

/** Ended once: by `end` or by `failed`. */
export interface TracedSpan {
  /** A part of it. */
  begin(name: SpanName): TracedSpan;
  end(attributes?: SpanAttributes): void;
  /** @param failure reported by its code only */
  failed(failure: unknown): void;
}

/** Links of one span. */
export const causesMax = 128;
