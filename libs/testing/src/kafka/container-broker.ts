import { KafkaContainer } from '@testcontainers/kafka';
import { getContainerRuntimeClient } from 'testcontainers';
import { answers, ownPrefix } from './cluster-visit.js';
import { freePort } from './free-port.js';
import type { OwnKafka } from './test-kafka.js';

/** Apache Kafka 4.2 with KRaft. */
const image = 'confluentinc/cp-kafka:8.2.0';
const clientPort = 9_093;

/** Says whether a Docker engine answers. */
export async function dockerAnswers(): Promise<boolean> {
  return getContainerRuntimeClient().then(
    () => true,
    () => false,
  );
}

/** Starts a broker in a container. After an interrupted run, Testcontainers' reaper removes it. */
export async function startContainerBroker(): Promise<OwnKafka> {
  const port = await freePort();
  const container = await new KafkaOnPort(port)
    .withEnvironment({
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      // After a kill, the old registration must expire before the broker is accepted again (9 s otherwise).
      KAFKA_BROKER_SESSION_TIMEOUT_MS: '3000',
      KAFKA_BROKER_HEARTBEAT_INTERVAL_MS: '750',
    })
    .start();
  const brokers = [`${container.getHost()}:${String(port)}`];
  // Docker itself listens on the port from the start, so a listener says nothing about Kafka.
  await answers(brokers);
  const { container: containers } = await getContainerRuntimeClient();
  const held = containers.getById(container.getId());
  return {
    brokers,
    prefix: ownPrefix(),
    stall: async () => {
      await held.pause();
    },
    // Docker resumes a paused container when it kills it.
    kill: async () => {
      await held.kill({ signal: 'SIGKILL' });
      await held.wait({ condition: 'not-running' });
    },
    restart: async () => {
      await held.start();
      await answers(brokers);
    },
    discard: async () => {
      await container.stop();
    },
  };
}

/**
 * A container on a fixed port: Docker gives a restarted container another one, which the broker would not advertise.
 */
class KafkaOnPort extends KafkaContainer {
  constructor(private readonly hostPort: number) {
    super(image);
  }

  protected override async beforeContainerCreated(): Promise<void> {
    await super.beforeContainerCreated();
    this.withExposedPorts({ container: clientPort, host: this.hostPort });
  }
}
