import { expect, it } from '@jest/globals';
import { accountTopicsOf, topicsOf } from '@ringfence/wire/topics';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { accountOfTopic } from './reply-topic.js';

const topics = topicsOf('ringfence');
const account = new PredictableIds().accountId();

it.each([
  {
    named: accountTopicsOf(topics, account).replies,
    by: account,
    because: 'its bridge names where that account hears',
  },
  { named: undefined, by: undefined, because: 'nothing is named' },
  { named: topics.replies, by: undefined, because: 'those are everybody’s replies' },
  { named: accountTopicsOf(topics, account).events, by: undefined, because: 'it is no topic of replies' },
  { named: `${topics.replies}.somebody`, by: undefined, because: 'it is no account’s' },
  { named: `other.replies.${account}`, by: undefined, because: 'it is another platform’s' },
])('a command with the reply topic $named came by the topic of $by: $because', ({ named, by }) => {
  const extensions: Record<string, string> = named === undefined ? {} : { replytopic: named };
  expect(accountOfTopic({ extensions }, topics)).toBe(by);
});
