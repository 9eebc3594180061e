import { compoundFields, innerPatterns, type Shape, shapesOf, textPatterns } from '@ringfence/event-catalog/shape';
import type { Catalogue } from '@ringfence/event-catalog/catalogue';
import { id, type JsonSchema, listOf, object, oneOf } from '../edge/json-schema.js';

const patterns = { ...textPatterns, ...innerPatterns };
const whole: JsonSchema = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

/** JSON Schema of a shape's form on the wire. */
function schemaOf(shape: Shape): JsonSchema {
  switch (shape.kind) {
    case 'id':
      return id(shape.prefix);
    case 'text': {
      const { pattern, wanted } = patterns[shape.pattern];
      return { type: 'string', pattern: pattern.source, description: wanted };
    }
    case 'enum':
      return oneOf(shape.values);
    case 'flag':
      return { type: 'boolean' };
    case 'micros':
      return {
        type: 'string',
        pattern: '^(?:0|-?[1-9][0-9]{0,30})$',
        description: 'Micro-units of the account’s currency: 1000000 = 1.00.',
      };
    case 'count':
      return whole;
    case 'epochMs':
      return { ...whole, description: 'Milliseconds since 1970-01-01T00:00:00Z.' };
    case 'durationMs':
      return { ...whole, description: 'Milliseconds.' };
    case 'sealed':
      return { ...objectOf(compoundFields.sealed), description: 'Personal: a subject, and the value under its key.' };
    case 'sealedSecret':
      return { ...objectOf(compoundFields.sealedSecret), description: 'Secret: a ciphertext that the platform opens.' };
    case 'digest':
      return { ...objectOf(compoundFields.digest), description: 'Secret: a keyed hash, and the name of its pepper.' };
    case 'nullable':
      return { oneOf: [{ type: 'null' }, schemaOf(shape.inner)] };
    case 'list':
      return listOf(schemaOf(shape.item));
    case 'object':
      return objectOf(shape.fields);
    case 'variants':
      return { oneOf: Object.values(shape.of).map(objectOf) };
  }
}

/** JSON Schema of an event's, or a command's, own fields. */
export function fieldsSchema<Event extends { readonly type: string }>(
  catalogue: Catalogue<Event>,
  type: Event['type'],
): JsonSchema {
  return objectOf(shapesOf(catalogue[type].fields));
}

function objectOf(fields: { readonly [name: string]: Shape }): JsonSchema {
  return object(Object.fromEntries(Object.entries(fields).map(([name, shape]) => [name, schemaOf(shape)])));
}
