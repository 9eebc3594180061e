/** Required shape of a topic. A missing topic is created like this; an existing one is never changed. */
export type TopicSpec = {
  readonly name: string;
  readonly partitions: number;
  /** Number of replicas, and how many of them must have a message before it is acknowledged. */
  readonly replicas: { readonly copies: number; readonly inSyncMin: number };
  readonly retention: { readonly kind: 'forever' } | { readonly kind: 'at_least'; readonly ms: number };
};
