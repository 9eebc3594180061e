import { type AccountId, parseAccountId } from '@ringfence/kernel/ids';
import type { CloudEvent } from '@ringfence/wire/cloud-event';
import type { Topics } from '@ringfence/wire/topics';

/**
 * The extension attribute by which the bridge says that the reply belongs to a dedicated topic. Not signed: it is ours,
 * not the client's. A client that writes it into the shared topic itself gains nothing: it can have a command rejected
 * in the stream of any account that it names without it.
 */
const attribute = 'replytopic';
export const replyTopicHeader = `ce_${attribute}`;

/** The account by whose own topic a command came, as its bridge says; undefined: it came by everybody's. */
export function accountOfTopic({ extensions }: Pick<CloudEvent, 'extensions'>, topics: Topics): AccountId | undefined {
  const head = `${topics.replies}.`;
  const named = extensions[attribute] ?? '';
  return named.startsWith(head) ? parseAccountId(named.slice(head.length)) : undefined;
}
