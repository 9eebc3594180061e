import { type AccountId, parseAccountId } from '@ringfence/kernel/ids';
import type { CloudEvent } from '@ringfence/wire/cloud-event';
import type { Topics } from '@ringfence/wire/topics';

/**
 * The extension attribute by which the bridge marks commands whose reply belongs to a dedicated topic. Not signed,
 * because it is ours and not the client's. A client that writes it into the shared topic gains nothing: it can have a
 * command rejected in the stream of any account without it, too.
 */
const attribute = 'replytopic';
export const replyTopicHeader = `ce_${attribute}`;

/** The account whose dedicated topic a command came through, as marked by the bridge; undefined: the shared topic. */
export function accountOfTopic({ extensions }: Pick<CloudEvent, 'extensions'>, topics: Topics): AccountId | undefined {
  const head = `${topics.replies}.`;
  const named = extensions[attribute] ?? '';
  return named.startsWith(head) ? parseAccountId(named.slice(head.length)) : undefined;
}
