/** What a topic must be like. It is made like this where it is missing, and never changed where it is there. */
export type TopicSpec = {
  readonly name: string;
  readonly partitions: number;
  /** How many copies, and how many of them must have a message before it is acknowledged. */
  readonly replicas: { readonly copies: number; readonly inSyncMin: number };
  readonly retention: { readonly kind: 'forever' } | { readonly kind: 'at_least'; readonly ms: number };
};
