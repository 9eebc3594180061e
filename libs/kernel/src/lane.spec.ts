import { describe, expect, it } from '@jest/globals';
import { platformStream } from './ids.js';
import { laneOf, murmur2 } from './lane.js';

describe('murmur2', () => {
  // org.apache.kafka.common.utils.UtilsTest
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('gives %s the hash that Kafka gives it', (text, hash) => {
    expect(murmur2(text) | 0).toBe(hash);
  });
});

describe('laneOf', () => {
  it('places a stream where Kafka would put its key, always within the lanes', () => {
    expect(laneOf(platformStream, 64)).toBe((murmur2('platform') & 0x7fffffff) % 64);
    expect(laneOf(platformStream, 1)).toBe(0);
  });
});
