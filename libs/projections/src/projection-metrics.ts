/** What the engine tells about itself. */
export interface ProjectionMetrics {
  /** A batch was committed. `lagMs`: age of its last event, from decision to commit. */
  applied(name: string, events: number, lagMs: number): void;
  /** A batch was committed that held no event of ours: it goes on. */
  passed(name: string): void;
  /** Everything in the log has been seen. */
  idle(name: string): void;
  /** What feeds the partitions that this process has of it, after a change: how many the topic, how many the log. */
  fed(name: string, partitions: FeedKind): void;
  /** Streams that wait for somebody to look, after a change. */
  parked(name: string, stream: string, reason: string): void;
  /** Something failed that is tried again. */
  failed(name: string, failure: unknown): void;
  /** It stands still until the process is started again: somebody has to look. */
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
