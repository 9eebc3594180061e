import { messageBusContract } from '@ringfence/messaging/message-bus.contract';
import { MemoryBroker } from './memory-broker.js';
import { MemoryMessageBus } from './memory-message-bus.js';

messageBusContract('in one process', () => {
  const broker = new MemoryBroker();
  return Promise.resolve({ prefix: '', open: () => new MemoryMessageBus(broker), close: () => Promise.resolve() });
});
