import { messageBusContract } from '@ringfence/messaging/message-bus.contract';
import { KafkaMessageBus } from './kafka-message-bus.js';
import { TestBroker } from './test-broker.js';

messageBusContract('Apache Kafka', async () => {
  const broker = await TestBroker.start();
  let opened = 0;
  return {
    open: () => {
      opened += 1;
      return new KafkaMessageBus({ brokers: [broker.address], clientId: `contract-${String(opened)}` });
    },
    close: () => broker.discard(),
  };
});
