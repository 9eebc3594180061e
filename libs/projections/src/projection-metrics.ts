/** The engine's observations about itself. */
export interface ProjectionMetrics {
  /** A batch was committed. `lagMs`: age of its last event, from decision to commit. */
  applied(name: string, events: number, lagMs: number): void;
  /** A batch was committed that held no event of this projection. */
  passed(name: string): void;
  /** Reports that everything in the log has been seen. */
  idle(name: string): void;
  /**
   * Reports how many of the projection's partitions in this process the topic feeds, and how many the log, after a
   * change.
   */
  fed(name: string, partitions: FeedKind): void;
  /** The number of parked streams, which need an operator, after a change. */
  parked(name: string, stream: string, reason: string): void;
  /** A retryable failure; the engine tries again. */
  failed(name: string, failure: unknown): void;
  /** The projection has stopped until the process is restarted: operator action required. */
  stopped(name: string, failure: unknown): void;
  /** A rebuild was swapped in. */
  rebuilt(name: string, events: number, durationMs: number): void;
}

export type FeedKind = { readonly topic: number; readonly log: number };

export const noProjectionMetrics: ProjectionMetrics = {
  applied: () => undefined,
  passed: () => undefined,
  idle: () => undefined,
  fed: () => undefined,
  parked: () => undefined,
  failed: () => undefined,
  stopped: () => undefined,
  rebuilt: () => undefined,
};
