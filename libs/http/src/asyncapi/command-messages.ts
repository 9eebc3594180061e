import { commandAuthority } from '@ringfence/domain/command-authority';
import { fieldDescription, isSealedAsJson } from '@ringfence/wire/commands/command-field';
import { warningCodes } from '@ringfence/wire/ineffective-fields';
import {
  type CommandField,
  type CommandFields,
  commandTypeOf,
  publicCommandNames,
  publicCommands,
  type PublicCommandName,
} from '@ringfence/wire/public-commands';
import { id, type JsonSchema, type NamedSchemas, listOf, moment, oneOf, text, whole } from '../edge/json-schema.js';
import { cloudEventHeaders, type MessageObject, type NamedMessages } from './message.js';

const someObject: JsonSchema = { type: 'object' };
const someType: JsonSchema = { type: 'string', pattern: '^ringfence\\.[a-z]+\\.[a-z_]+\\.v[1-9][0-9]{0,3}$' };
const replyTo: JsonSchema = {
  type: 'string',
  pattern: '^\\d{1,6}\\.[A-Za-z0-9_-]{1,64}$',
  description:
    'The partition of the topic of replies where its sender listens, a point, and a name of the sender’s for this asking.',
};
const traceparent: JsonSchema = { ...text, description: 'W3C trace context.' };
const commandJwe: JsonSchema = {
  type: 'string',
  pattern: '^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$',
  description:
    'Personal: a compact JWE (ECDH-ES, A256GCM) to the platform’s key, with its kid, and the subject as sub.',
};

/** Every command that a client may publish itself, signed. */
export function commandMessages(): NamedMessages {
  const messages = publicCommandNames.map((name): [string, MessageObject] => [titleOf(name), commandMessage(name)]);
  return { ...Object.fromEntries(messages), Wish: clusterCommand };
}

function titleOf(name: PublicCommandName): string {
  return publicCommands[name].commandType;
}

function commandMessage(name: PublicCommandName): MessageObject {
  const fields: CommandFields = publicCommands[name].fields;
  const { commandType, answersSecret } = publicCommands[name];
  const operatorsOnly = commandAuthority[commandType].account === null;
  const whose = operatorsOnly ? 'Of an operator’s signing key.' : 'Of a signing key.';
  const secret = answersSecret
    ? ' Its answer holds a secret: replyto, and a reply_key in the signature, are needed.'
    : '';
  return {
    name: commandTypeOf(name),
    title: titleOf(name),
    summary: `${whose} The same fields as over HTTP, personal ones encrypted.${secret}`,
    contentType: 'application/json',
    headers: cloudEventHeaders(
      { const: commandTypeOf(name) },
      {
        subject: { ...text, description: 'The account that it is about, or `platform`.' },
        time: moment,
        replyto: replyTo,
        signature: {
          ...text,
          description: 'A compact JWS (EdDSA) over the canonical JSON of attributes, times and value.',
        },
        traceparent,
      },
      ['time', ...(answersSecret ? [] : ['replyto']), 'traceparent'],
    ),
    payload: {
      type: 'object',
      properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fieldSchema(field)])),
      required: Object.entries(fields).flatMap(([field, { required }]) => (required ? [field] : [])),
      additionalProperties: false,
    },
  };
}

function fieldSchema(field: CommandField<unknown>): JsonSchema {
  const { rule, required, personal } = field;
  const isList = rule.schema['type'] === 'array';
  const schema = personal ? (isList ? listOf(commandJwe) : commandJwe) : rule.schema;
  const description = [
    fieldDescription(field),
    personal && !isList ? commandJwe['description'] : undefined,
    personal && isSealedAsJson(field)
      ? `The JSON text of ${isList ? 'each object' : 'the object'} is encrypted.`
      : undefined,
  ]
    .filter(Boolean)
    .join(' ');
  const described = description === '' ? schema : { ...schema, description };
  return required ? described : { oneOf: [{ type: 'null' }, described] };
}

/** Messages between processes of the cluster. */
const clusterCommand: MessageObject = {
  name: 'ringfence.wish',
  title: 'Wish',
  summary:
    'A command that a gateway, or another process of the cluster, has accepted and signed. Nothing else can write one.',
  contentType: 'application/json',
  headers: cloudEventHeaders(
    someType,
    {
      subject: { ...text, description: 'The account that decides it, or `platform`.' },
      time: moment,
      replyto: replyTo,
      vouch: text,
      traceparent,
    },
    ['traceparent'],
  ),
  payload: someObject,
};

const replied: NamedSchemas = {
  position: whole,
  replayed: { type: 'boolean', description: 'An earlier outcome of the same id.' },
};
const outcome = (status: string, members: NamedSchemas, optional: readonly string[] = []): JsonSchema => ({
  type: 'object',
  properties: { status: { const: status }, ...members },
  required: ['status', ...Object.keys(members).filter((name) => !optional.includes(name))],
});

/** Outcome of a command. */
export const replyMessages: NamedMessages = {
  Reply: {
    name: 'ringfence.command.outcome',
    title: 'Reply',
    summary: 'The one outcome of a command, or why it has none.',
    contentType: 'application/json',
    headers: cloudEventHeaders(
      { const: 'ringfence.command.outcome.v1' },
      { subject: { ...text, description: 'The command’s id in the log.' }, replyto: replyTo, vouch: text },
      ['subject'],
    ),
    payload: {
      oneOf: [
        outcome('accepted', {
          ...replied,
          result: {
            type: 'object',
            description: 'Ids of what has come into being.',
            properties: {
              secret_jwe: {
                ...text,
                description: 'The secret, as a compact JWE to the reply_key; in the first reply alone.',
              },
              secret_already_shown: { type: 'boolean' },
              warnings: {
                ...listOf(oneOf(warningCodes)),
                description:
                  'Of commands about calls, apps and trunks: what the fields without effect in this release are.',
              },
              call_id: id('cs'),
              key_id: id('key'),
              account_id: id('acc'),
              secret_id: id('sec'),
              voice_app_id: id('va'),
              ip_acl_id: id('acl'),
              sip_trunk_id: id('st'),
            },
          },
        }),
        outcome('refused', {
          ...replied,
          refusal: {
            type: 'object',
            description: 'The lane’s reason, as HTTP says it.',
            properties: { code: text, detail: text, retryAfterMs: whole },
            required: ['code', 'detail'],
          },
        }),
        outcome(
          'failed',
          {
            code: { ...text, description: 'Rejected before a decision, or not decided.' },
            message: text,
            retryable: { type: 'boolean' },
            retryAfterMs: whole,
          },
          ['retryAfterMs'],
        ),
      ],
    },
  },
};

/** Unreadable messages: value, key and headers unchanged. */
export const deadLetterMessages: NamedMessages = {
  DeadLetter: {
    name: 'ringfence.command.dead_letter',
    title: 'Dead letter',
    summary:
      'A message of the topic of commands that is none, as it was, with the reason and its place in further headers. Of a message that no process of the cluster signed, type, size and place alone.',
    contentType: 'application/json',
    headers: {
      type: 'object',
      properties: {
        dlq_reason: text,
        dlq_topic: text,
        dlq_partition: text,
        dlq_offset: text,
        dlq_bytes: { ...text, description: 'Of what is withheld: the size of its value.' },
        dlq_withheld: { ...oneOf(['true']), description: 'Its value, key and other headers are not kept.' },
      },
      required: ['dlq_reason', 'dlq_topic', 'dlq_partition', 'dlq_offset'],
    },
    payload: {},
  },
};
