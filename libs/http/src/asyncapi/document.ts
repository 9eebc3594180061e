import type { Topics } from '@ringfence/wire/topics';
import { watermarksMessages } from './event-messages.js';
import { commandMessages, deadLetterMessages, replyMessages } from './command-messages.js';
import { eventMessages, eventSchemas } from './event-messages.js';
import type { NamedMessages } from './message.js';
import { release } from '../operations/release.js';

const introduction = `The topics of one Ringfence cluster. Every message is a CloudEvents 1.0 event in Kafka's binary mode. The key is the account (or \`platform\`), and the partition is \`murmur2(key) mod partitions\`, as Apache Kafka's own clients place it.

A message may come twice. Who reads events keeps, of each partition, the position up to which it has read: what is below is dropped, and a record whose \`ce_prevposition\` is not below it says that something is missing.`;

type Channel = {
  readonly address: string;
  readonly title: string;
  readonly description: string;
  readonly messages: NamedMessages;
};
/** Role of the platform on a channel. */
type Operation = { readonly action: 'send' | 'receive'; readonly channel: string; readonly summary: string };

/** AsyncAPI 3 of the cluster's topics, generated from the catalogues. */
export function asyncApiDocument(topics: Topics) {
  const channels = channelsOf(topics);
  const messages = Object.assign({}, ...Object.values(channels).map((channel) => channel.messages)) as NamedMessages;
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Ringfence topics',
      version: release,
      description: introduction,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      cluster: {
        host: '{broker}',
        protocol: 'kafka',
        description: 'The cluster that KAFKA_BROKERS names.',
        variables: { broker: { default: 'localhost:9092', description: 'host:port of a broker' } },
      },
    },
    channels: mapped(channels, ({ messages: own, ...channel }) => ({
      ...channel,
      servers: [{ $ref: '#/servers/cluster' }],
      messages: mapped(own, (_, name) => ({ $ref: `#/components/messages/${name}` })),
    })),
    operations: mapped(operations, ({ action, channel, summary }) => ({
      action,
      summary,
      channel: { $ref: `#/channels/${channel}` },
    })),
    components: { messages, schemas: eventSchemas },
  };
}

function channelsOf(topics: Topics): Readonly<Record<string, Channel>> {
  return {
    events: {
      address: topics.events,
      title: 'Events',
      description: 'The log: every event once or more often, in order within its account, with gaps that show.',
      messages: eventMessages(),
    },
    commands: {
      address: topics.commands,
      title: 'Commands',
      description:
        'Commands: signed by clients, or by gateways. The partition is the lane that decides them; a command in another partition is passed on.',
      messages: commandMessages(),
    },
    replies: {
      address: topics.replies,
      title: 'Replies',
      description: 'What became of each command, in the partition that its sender named.',
      messages: replyMessages,
    },
    watermarks: {
      address: topics.watermarks,
      title: 'Watermarks',
      description: 'How far the events are, all partitions at once.',
      messages: watermarksMessages,
    },
    deadLetters: {
      address: topics.deadLetters,
      title: 'Dead letters',
      description: 'What was published as a command and could not be read as one.',
      messages: deadLetterMessages,
    },
  };
}

const operations: Readonly<Record<string, Operation>> = {
  publishEvents: { action: 'send', channel: 'events', summary: 'One relay brings the log here, in order.' },
  sayHowFar: { action: 'send', channel: 'watermarks', summary: 'The relay says how far the events are.' },
  takeCommands: { action: 'receive', channel: 'commands', summary: 'Lanes decide these commands.' },
  sendReplies: { action: 'send', channel: 'replies', summary: 'Lanes answer here, after the commit.' },
  putAside: { action: 'send', channel: 'deadLetters', summary: 'What cannot be read is put here, with the reason.' },
};

function mapped<Value, Result>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value, name: string) => Result,
): Readonly<Record<string, Result>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
