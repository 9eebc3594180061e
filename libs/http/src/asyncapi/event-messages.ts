import { watermarkType } from '@ringfence/wire/feed/feed-record';
import { watermarksType } from '@ringfence/wire/feed/watermarks';
import type { DomainEventType } from '@ringfence/domain/domain-event';
import { actorKinds, modes } from '@ringfence/domain/shared/values';
import { ceTypes, eventCatalogue, eventTypes } from '@ringfence/event-catalog/event-catalog';
import {
  id,
  type JsonSchema,
  moment,
  type NamedSchemas,
  oneOf,
  ref,
  sha256,
  text,
  whole,
} from '../edge/json-schema.js';
import { cloudEventHeaders, type MessageObject, type NamedMessages } from './message.js';
import { fieldsSchema } from './shape-schema.js';

const decimal: JsonSchema = { type: 'string', pattern: '^(?:0|[1-9][0-9]{0,15})$' };
const stream: JsonSchema = { type: 'string', pattern: '^(?:acc_[0-7][0-9A-HJKMNP-TV-Z]{25}|platform)$' };
const traceparent: JsonSchema = { type: 'string', pattern: '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' };

const envelopeOptional = {
  onbehalfofkeyid: id('key'),
  onbehalfofkeyversion: whole,
  onbehalfofpolicyhash: sha256,
  presentedkeyid: id('key'),
  traceparent,
} as const satisfies NamedSchemas;
const envelopeAlways = {
  commandid: text,
  data: { type: 'object' },
  datacontenttype: { const: 'application/json' },
  decidedat: { ...decimal, description: 'Milliseconds since the epoch.' },
  id: id('evt'),
  issuedbyid: text,
  issuedbykind: oneOf(actorKinds),
  issuedbyversion: whole,
  logid: id('log'),
  mode: oneOf(modes),
  prevhash: { ...sha256, description: 'SHA-256 of the bytes of the stream’s previous event; zeros for its first.' },
  salt: { type: 'string', pattern: '^[0-9a-f]{32}$' },
  source: text,
  specversion: { const: '1.0' },
  stream,
  streamversion: decimal,
  subject: text,
  time: moment,
  type: text,
} as const satisfies NamedSchemas;

/** Members of every event's bytes, which are the message's value, exactly as they are hashed and proved. */
export const eventSchemas: NamedSchemas = {
  EventEnvelope: {
    type: 'object',
    description: 'A CloudEvents 1.0 object in canonical form (RFC 8785): the very bytes of the log.',
    properties: { ...envelopeAlways, ...envelopeOptional },
    required: Object.keys(envelopeAlways),
    additionalProperties: false,
  },
};

/** Headers that a relay adds. */
const relayed = {
  logid: id('log'),
  relayepoch: { ...decimal, description: 'Higher with each relay: drop what is older than what you have read.' },
};
const linked: NamedSchemas = {
  prevposition: { ...decimal, description: 'Position of the partition’s event before this; missing: there is none.' },
  prevevent: { ...id('evt'), description: 'Id of the partition’s event before this; missing: there is none.' },
  ...relayed,
};
const linkedOptional = ['prevposition', 'prevevent'];

/** Every event in the version that is written, and the watermark. */
export function eventMessages(): NamedMessages {
  const described = eventTypes.map((type): [string, MessageObject] => [type, eventMessage(type)]);
  return { ...Object.fromEntries(described), Watermark: watermark };
}

function eventMessage(type: DomainEventType): MessageObject {
  const ceType: JsonSchema = { const: ceTypes[type] };
  return {
    name: ceTypes[type],
    title: type,
    summary: `${type}, as the log has it.`,
    contentType: 'application/json',
    headers: cloudEventHeaders(
      ceType,
      {
        subject: text,
        time: moment,
        position: { ...decimal, description: 'Place in the log, dense from 0.' },
        stream,
        streamversion: decimal,
        ...linked,
      },
      linkedOptional,
    ),
    payload: {
      allOf: [ref('EventEnvelope')],
      type: 'object',
      properties: { type: ceType, data: fieldsSchema(eventCatalogue, type) },
    },
  };
}

const head: JsonSchema = { ...decimal, description: 'The first position that the log did not hold.' };

const watermark: MessageObject = {
  name: watermarkType,
  title: 'Watermark',
  summary:
    'In the topics of accounts, and in those of all from the release before: all of the partition below `head` is before this; at `ce_time` the log ended there.',
  contentType: 'application/json',
  headers: cloudEventHeaders({ const: watermarkType }, { time: moment, ...linked }, linkedOptional),
  payload: { type: 'object', properties: { head }, required: ['head'], additionalProperties: false },
};

/** Message of the topic of watermarks. */
export const watermarksMessages: NamedMessages = {
  Watermarks: {
    name: watermarksType,
    title: 'Watermarks',
    summary:
      'Behind each batch of events, and three times a second while there are none: at `ce_time` the log ended at `head`, and all below it was in the topic of events.',
    contentType: 'application/json',
    headers: cloudEventHeaders({ const: watermarksType }, { time: moment, ...relayed }),
    payload: {
      type: 'object',
      properties: {
        head,
        ends: {
          type: 'array',
          description: 'By partition: position and id of its last event below `head`; null: it has none.',
          items: {
            oneOf: [{ type: 'null' }, { type: 'array', prefixItems: [decimal, id('evt')], minItems: 2, maxItems: 2 }],
          },
        },
      },
      required: ['head', 'ends'],
      additionalProperties: false,
    },
  },
};
