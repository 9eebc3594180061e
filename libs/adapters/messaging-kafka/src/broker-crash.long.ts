import { describe } from '@jest/globals';
import { itUnless } from '@ringfence/testing/it-unless';
import { whyNoBrokerOfOnesOwn } from '@ringfence/testing/kafka/broker-of-ones-own';
import { killTheBroker } from './broker-crash.contract.js';

const it = itUnless(await whyNoBrokerOfOnesOwn());

describe('a broker that is killed under load, 60 times at seeded moments', () => {
  it('loses nothing that was acknowledged, and keeps the order of every key', () => killTheBroker(60, 735));
});
