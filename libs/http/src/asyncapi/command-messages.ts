import { type JsonSchema, moment, text } from '../openapi/json-schema.js';
import { cloudEventHeaders, type NamedMessages } from './message.js';

const someObject: JsonSchema = { type: 'object' };
const someType: JsonSchema = { type: 'string', pattern: '^ringfence\\.[a-z]+\\.[a-z_]+\\.v[1-9][0-9]{0,3}$' };

/** What may be asked for. Commands with a catalogue of their own belong here, one message each, as events are. */
export const commandMessages: NamedMessages = {
  Command: {
    name: 'ringfence.command',
    title: 'Command',
    summary: 'A wish, with an id that has at most one accepted outcome, for ever.',
    contentType: 'application/json',
    headers: cloudEventHeaders(
      someType,
      { subject: { ...text, description: 'The account that decides it, or `platform`.' }, time: moment },
      [],
    ),
    payload: someObject,
  },
};

/** What became of what was asked for. */
export const replyMessages: NamedMessages = {
  Reply: {
    name: 'ringfence.command.outcome',
    title: 'Reply',
    summary: 'The one outcome of a command, or why it has none.',
    contentType: 'application/json',
    headers: cloudEventHeaders(someType, { subject: { ...text, description: 'The command’s id.' } }),
    payload: someObject,
  },
};

/** What could not be read: value, key and headers as they were. */
export const deadLetterMessages: NamedMessages = {
  DeadLetter: {
    name: 'ringfence.command.dead_letter',
    title: 'Dead letter',
    summary:
      'A message of the topic of commands that is none, as it was, with the reason and its place in further headers.',
    contentType: 'application/json',
    headers: {
      type: 'object',
      properties: { dlq_reason: text, dlq_topic: text, dlq_partition: text, dlq_offset: text },
      required: ['dlq_reason', 'dlq_topic', 'dlq_partition', 'dlq_offset'],
    },
    payload: {},
  },
};
