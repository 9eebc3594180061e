/** Apache Kafka as a test has it, wherever it comes from. */
export type TestKafka = {
  /** `host:port` of some brokers. */
  readonly brokers: readonly string[];
  /** Prefix of every topic, group and client id of the test: others may be at work in the same cluster. */
  readonly prefix: string;
  /** Gives it back as it was found. */
  readonly discard: () => Promise<void>;
};

/** A broker of the test's own: nobody else notices when it dies. */
export type OwnKafka = TestKafka & {
  /** Pauses the broker: what is sent to it waits in the network, and is lost if it is killed now. */
  readonly stall: () => Promise<void>;
  /** Ends it as a power cut would. */
  readonly kill: () => Promise<void>;
  /** Starts it again at the same address, with what it had written. */
  readonly restart: () => Promise<void>;
};
