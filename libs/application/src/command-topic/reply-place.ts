import { parseAccountId, type StreamId } from '@ringfence/kernel/ids';
import type { CloudEvent } from '@ringfence/messaging/cloud-event';
import { accountTopicsOf, type Topics } from '@ringfence/messaging/topics';
import type { ReplyTo } from './carried-command.js';

/** The extension attribute by which the bridge of an account's own topics says that the reply belongs there. Not signed: it is ours, not the client's. */
const attribute = 'replytopic';
export const replyTopicHeader = `ce_${attribute}`;
/** An account's own topic of replies has no other partition. */
const ownPartition = 0;

export type ReplyPlace = { readonly topic: string; readonly partition: number };

/** Where a command's reply is heard. A topic of replies that is somebody else's than the command's subject's is not listened to: it is an ordinary command then. */
export function replyPlaceOf(
  { extensions }: Pick<CloudEvent, 'extensions'>,
  stream: StreamId,
  topics: Topics,
  { partition }: ReplyTo,
): ReplyPlace {
  const account = parseAccountId(stream);
  const own = account === undefined ? undefined : accountTopicsOf(topics, account).replies;
  const named = extensions[attribute];
  return named !== undefined && named === own
    ? { topic: own, partition: ownPartition }
    : { topic: topics.replies, partition };
}
