import { parseAccountId, type StreamId } from '@ringfence/kernel/ids';
import type { CloudEvent } from '@ringfence/messaging/cloud-event';
import { accountTopicsOf, type Topics } from '@ringfence/messaging/topics';

/** The extension attribute by which the bridge of an account's own topics says that the reply belongs there. Not signed: it is ours, not the client's. */
const attribute = 'replytopic';
export const replyTopicHeader = `ce_${attribute}`;

/** The topic of replies that is the command's subject's own, if its bridge names it. A topic that is somebody else's is not listened to. */
export function ownReplyTopic(
  { extensions }: Pick<CloudEvent, 'extensions'>,
  subject: StreamId,
  topics: Topics,
): string | undefined {
  const account = parseAccountId(subject);
  const own = account === undefined ? undefined : accountTopicsOf(topics, account).replies;
  return extensions[attribute] === own ? own : undefined;
}
