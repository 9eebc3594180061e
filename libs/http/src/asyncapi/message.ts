import { type JsonSchema, type NamedSchemas, text } from '../edge/json-schema.js';

/** A message of a topic, as AsyncAPI 3 describes it. */
export type MessageObject = {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly contentType: 'application/json';
  readonly headers: JsonSchema;
  readonly payload: JsonSchema;
};
/** Messages by their names in `components`: letters, digits, `.`, `-` and `_`. */
export type NamedMessages = { readonly [name: string]: MessageObject };

/**
 * Headers of a CloudEvents 1.0 event in Kafka's binary mode; `type` and the additional attributes are specific to the
 * message.
 */
export function cloudEventHeaders(
  type: JsonSchema,
  attributes: NamedSchemas,
  optional: readonly string[] = [],
): JsonSchema {
  const properties: Record<string, JsonSchema> = {
    'content-type': { const: 'application/json' },
    ce_specversion: { const: '1.0' },
    ce_id: text,
    ce_source: { type: 'string', format: 'uri-reference' },
    ce_type: type,
  };
  for (const [name, schema] of Object.entries(attributes)) properties[`ce_${name}`] = schema;
  const mayLack = new Set(optional.map((name) => `ce_${name}`));
  return { type: 'object', properties, required: Object.keys(properties).filter((name) => !mayLack.has(name)) };
}
