/** All spans besides those of requests: work that a process does for many requests at once, or on its own. */
export const spanNames = ['lane.batch', 'log.append', 'log.fenced_read', 'projection.batch', 'carrier.dial'] as const;
type SpanName = (typeof spanNames)[number];
/** Counts, names and ids of the platform; never client data. */
type SpanAttributes = Readonly<Record<`ringfence.${string}`, string | number>>;

/**
 * The port through which a process reports its spans. Without a collector there is no implementation, and no span is
 * created.
 */
export interface Tracing {
  /**
   * @param causes W3C trace contexts of the causes; null: an untraced cause. The span belongs to the trace of the first
   * recorded one and is linked to the others, at most causesMax
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
  /** Begins a child span. */
  begin(name: SpanName): TracedSpan;
  end(attributes?: SpanAttributes): void;
  /** @param failure only its code is reported */
  failed(failure: unknown): void;
}

/** The most links of one span. */
export const causesMax = 128;
