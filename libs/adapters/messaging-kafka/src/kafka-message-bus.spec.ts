import { messageBusContract } from '@ringfence/ports/message-bus/message-bus.contract';
import { testKafka } from '@ringfence/testing/kafka/broker-chain';
import { transact, writeUndecodable } from '@ringfence/testing/kafka/transacting-producer';
import { KafkaMessageBus } from './kafka-message-bus.js';

messageBusContract('Apache Kafka', async () => {
  const { brokers, prefix, discard } = await testKafka();
  let opened = 0;
  return {
    prefix,
    open: () => {
      opened += 1;
      return new KafkaMessageBus({ brokers, clientId: `${prefix}contract-${String(opened)}`, member: String(opened) });
    },
    transact: (messages) => transact(brokers, messages),
    writeUndecodable: (topic, partition) => writeUndecodable(brokers, topic, partition),
    close: discard,
  };
});
