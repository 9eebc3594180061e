/** JSON Schema 2020-12, as used by OpenAPI 3.1. */
export type JsonSchema = { readonly [keyword: string]: unknown };
export type NamedSchemas = { readonly [name: string]: JsonSchema };

export const text: JsonSchema = { type: 'string' };
export const textOrNull: JsonSchema = { type: ['string', 'null'] };
export const flag: JsonSchema = { type: 'boolean' };
export const whole: JsonSchema = { type: 'integer', minimum: 0 };
export const wholeOrNull: JsonSchema = { type: ['integer', 'null'], minimum: 0 };
export const moment: JsonSchema = { type: 'string', format: 'date-time' };
export const momentOrNull: JsonSchema = { type: ['string', 'null'], format: 'date-time' };
export const amount: JsonSchema = {
  type: 'string',
  pattern: '^-?[0-9]+$',
  description: 'Micro-units: 1000000 = 1.00.',
};
export const amountOrNull: JsonSchema = { type: ['string', 'null'], pattern: '^-?[0-9]+$' };
export const currencyCode: JsonSchema = { type: 'string', pattern: '^[A-Z]{3}$', description: 'ISO 4217.' };
export const positionToken: JsonSchema = {
  type: 'string',
  description: 'A place in the log; opaque.',
  examples: ['log_01K9Z000000000000000000000:42'],
};
export const sha256: JsonSchema = { type: 'string', pattern: '^[0-9a-f]{64}$' };

export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
export const listOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
export const listOrNull = (items: JsonSchema): JsonSchema => ({ type: ['array', 'null'], items });
export const oneOf = (values: readonly string[]): JsonSchema => ({ type: 'string', enum: [...values] });
export const oneOfOrNull = (values: readonly string[]): JsonSchema => ({ enum: [...values, null] });
export const id = (prefix: string): JsonSchema => ({
  type: 'string',
  pattern: `^${prefix}_[0-7][0-9A-HJKMNP-TV-Z]{25}$`,
  examples: [`${prefix}_01K9Z000000000000000000000`],
});
export const idOrNull = (prefix: string): JsonSchema => ({ ...id(prefix), type: ['string', 'null'] });

/** An object with exactly these fields, all of them required. */
export function object(properties: Readonly<Record<string, JsonSchema>>, description?: string): JsonSchema {
  return {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

/** A list in Teler's form. */
export function page(items: JsonSchema): JsonSchema {
  return object({ data: listOf(items), next_cursor: textOrNull, previous_cursor: textOrNull, has_more: flag });
}
