import { type AccountId, parseAccountId } from '@ringfence/kernel/ids';
import type { CloudEvent } from '@ringfence/wire/cloud-event';
import type { Topics } from '@ringfence/wire/topics';

/**
 * The extension attribute by which the bridge of an account's own topics says that the reply belongs there. Not signed: it is ours, not the client's. Whoever writes
 * it into everybody's topic himself may do so: he can have a command turned away in the stream of any account that he names without it.
 */
const attribute = 'replytopic';
export const replyTopicHeader = `ce_${attribute}`;

/** The account by whose own topic a command came, as its bridge says; undefined: it came by everybody's. */
export function accountOfTopic({ extensions }: Pick<CloudEvent, 'extensions'>, topics: Topics): AccountId | undefined {
  const head = `${topics.replies}.`;
  const named = extensions[attribute] ?? '';
  return named.startsWith(head) ? parseAccountId(named.slice(head.length)) : undefined;
}
