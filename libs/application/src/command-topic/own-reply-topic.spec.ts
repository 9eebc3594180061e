import { expect, it } from '@jest/globals';
import { platformStream } from '@ringfence/kernel/ids';
import { accountTopicsOf, topicsOf } from '@ringfence/messaging/topics';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { ownReplyTopic } from './own-reply-topic.js';

const topics = topicsOf('ringfence');
const ids = new PredictableIds();
const [account, other] = [ids.accountId(), ids.accountId()];
const own = accountTopicsOf(topics, account).replies;

it.each([
  { named: own, subject: account, heard: own, because: 'it is its own' },
  { named: undefined, subject: account, heard: undefined, because: 'none is named' },
  { named: own, subject: other, heard: undefined, because: 'it is somebody else’s' },
  { named: own, subject: platformStream, heard: undefined, because: 'the platform has none' },
  { named: undefined, subject: platformStream, heard: undefined, because: 'the platform has none, and names none' },
  { named: topics.commands, subject: account, heard: undefined, because: 'it is no topic of replies' },
])('of a command about $subject the reply topic $named is heard as $heard: $because', ({ named, subject, heard }) => {
  const extensions: Record<string, string> = named === undefined ? {} : { replytopic: named };
  expect(ownReplyTopic({ extensions }, subject, topics)).toBe(heard);
});
