/** Apache Kafka for a test, wherever it comes from. */
export type TestKafka = {
  /** `host:port` of some brokers. */
  readonly brokers: readonly string[];
  /** Prefix of every topic, group and client id of the test: others may use the same cluster. */
  readonly prefix: string;
  /** Leaves the cluster as it was found. */
  readonly discard: () => Promise<void>;
};

/** A broker of the test's own: killing it affects nothing else. */
export type OwnKafka = TestKafka & {
  /** Pauses the broker: messages sent to it wait in the network, and are lost if it is killed now. */
  readonly stall: () => Promise<void>;
  /** Ends it as a power cut would. */
  readonly kill: () => Promise<void>;
  /** Starts the broker again at the same address, with its data. */
  readonly restart: () => Promise<void>;
};
