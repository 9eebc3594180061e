/** Metrics of the engine. */
export interface ProjectionMetrics {
  /** Reports a committed batch. `lagMs`: age of its last event, from decision to commit. */
  applied(name: string, events: number, lagMs: number): void;
  /** Reports a committed batch without events of this projection. */
  passed(name: string): void;
  /** Reports that everything in the log has been seen. */
  idle(name: string): void;
  /**
   * Reports how many of the projection's partitions in this process the topic feeds, and how many the log, after a
   * change.
   */
  fed(name: string, partitions: FeedKind): void;
  /** Reports a parked stream, which needs an operator. */
  parked(name: string, stream: string, reason: string): void;
  /** Reports a retryable failure; the engine retries. */
  failed(name: string, failure: unknown): void;
  /** Reports that the projection has stopped until the process is restarted: operator action required. */
  stopped(name: string, failure: unknown): void;
  /** Reports that a rebuild was swapped in. */
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
