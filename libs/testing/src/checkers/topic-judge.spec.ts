import { describe, expect, it } from '@jest/globals';
import { hashOf } from '@ringfence/event-catalog/hash';
import { platformStream } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import { position, streamVersion } from '@ringfence/kernel/units';
import { topicIsWhole, type TopicRecord } from './topic-judge.js';

const laneCount = 2;
const partition = laneOf(platformStream, laneCount);
const recorded = Array.from({ length: 3 }, (_, at) => ({
  position: position(at),
  stream: platformStream,
  version: streamVersion(at + 1),
  type: 'ringfence.example.v1',
  subject: 'example',
  bytes: Buffer.from(`event ${String(at)}`),
}));
const event = (at: number, bytes = `event ${String(at)}`): TopicRecord => ({
  kind: 'event',
  partition,
  epoch: 1,
  position: at,
  previous: at === 0 ? null : at - 1,
  key: platformStream,
  hash: hashOf(Buffer.from(bytes)),
});
const watermark = (head: number): TopicRecord => ({ kind: 'watermark', partition, epoch: 1, previous: null, head });
const judged = (...topic: readonly TopicRecord[]) => topicIsWhole({ recorded, topic, laneCount });

describe('the rule of the topic of events', () => {
  it('is content when everything is there in order, and when some of it comes again', () => {
    expect(judged(event(0), event(1), watermark(2), event(2), watermark(3))).toEqual([]);
    expect(judged(event(0), event(1), event(0), event(1), event(2))).toEqual([]);
  });

  it('sees a position that is missing, in the middle and at the end', () => {
    expect(judged(event(0), event(2))).toContainEqual(expect.stringMatching(/position 2 .* where 1 is missing/));
    expect(judged(event(0), event(1))).toContainEqual(expect.stringMatching(/ends before 2/));
  });

  it('sees two that changed places', () => {
    expect(judged(event(1), event(0), event(2))).toContainEqual(
      expect.stringMatching(/position 1 .* where 0 is missing/),
    );
  });

  it('sees a watermark that promises more than is there', () => {
    expect(judged(event(0), watermark(2), event(1), event(2))).toContainEqual(expect.stringMatching(/lacks 1/));
  });

  it('sees other bytes, another partition and a wrong predecessor', () => {
    expect(judged(event(0), event(1, 'forged'), event(2))).toContainEqual(expect.stringMatching(/other bytes/));
    expect(judged({ ...event(0), partition: 1 - partition }, event(0), event(1), event(2))).toContainEqual(
      expect.stringMatching(/nothing that belongs there/),
    );
    expect(judged(event(0), { ...event(1), previous: null }, event(2))).toContainEqual(
      expect.stringMatching(/follows null/),
    );
  });

  it('takes nothing of what a replaced relay brings after its successor, as readers do', () => {
    const successors = (record: TopicRecord): TopicRecord => ({ ...record, epoch: 2 });
    expect(judged(event(0), successors(event(0)), event(1), event(2))).toContainEqual(
      expect.stringMatching(/ends before 1/),
    );
    const again = [successors(event(1)), successors(event(2))];
    expect(judged(event(0), successors(watermark(1)), event(1), watermark(3), ...again)).toEqual([]);
  });
});
