import { expect, it } from '@jest/globals';
import { platformStream } from '@ringfence/kernel/ids';
import { accountTopicsOf, topicsOf } from '@ringfence/messaging/topics';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { replyPlaceOf } from './reply-place.js';

const topics = topicsOf('ringfence');
const ids = new PredictableIds();
const [account, other] = [ids.accountId(), ids.accountId()];
const replyTo = { partition: 7, correlation: 'c' };
const own = accountTopicsOf(topics, account).replies;

it.each([
  { named: own, stream: account, topic: own, partition: 0, because: 'it is its own topic' },
  { named: undefined, stream: account, topic: topics.replies, partition: 7, because: 'none is named' },
  { named: own, stream: other, topic: topics.replies, partition: 7, because: 'the topic is somebody else’s' },
  { named: own, stream: platformStream, topic: topics.replies, partition: 7, because: 'the platform has none' },
  {
    named: topics.commands,
    stream: account,
    topic: topics.replies,
    partition: 7,
    because: 'it is no topic of replies',
  },
])('the reply about $stream goes to $topic: $because', ({ named, stream, topic, partition }) => {
  const extensions: Record<string, string> = named === undefined ? {} : { replytopic: named };
  expect(replyPlaceOf({ extensions }, stream, topics, replyTo)).toEqual({ topic, partition });
});
