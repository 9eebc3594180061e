import { messageBusContract } from '@ringfence/ports/message-bus/message-bus.contract';
import type { OutgoingMessage } from '@ringfence/ports/message-bus/message';
import { MemoryBroker } from './memory-broker.js';
import { MemoryMessageBus } from './memory-message-bus.js';

messageBusContract('in one process', () => {
  const broker = new MemoryBroker();
  let producers = 0n;
  return Promise.resolve({
    prefix: '',
    open: () => new MemoryMessageBus(broker),
    transact: (messages: readonly OutgoingMessage[]) => {
      producers += 1n;
      const producer = producers;
      const topics = new Set(messages.map(({ topic }) => topic));
      for (const message of messages) broker.append(message, producer);
      for (const topic of topics) broker.appended(topic);
      return Promise.resolve({
        end: (how: 'commit' | 'abort') => {
          for (const topic of topics) broker.endTransaction(topic, producer, how === 'commit');
          return Promise.resolve();
        },
      });
    },
    writeUndecodable: (topic: string, partition: number) => {
      broker.appendUndecodable(topic, partition);
      broker.appended(topic);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
});
