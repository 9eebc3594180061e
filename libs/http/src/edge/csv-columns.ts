import { type JsonSchema, type NamedSchemas, ref } from './json-schema.js';

/** A column of a list: the path to a member of an item, joined by dots in the header line. */
export type CsvColumn = readonly string[];

/**
 * The columns of a list, from the schema of its answer: the members of an item in the schema's order, with nested
 * objects flattened and lists and maps kept whole. So every page has the same columns.
 * @param list the schema, or its name
 * @throws RangeError if the schema is not that of a list: an object whose `data` is an array
 */
export function csvColumnsOf(list: string | JsonSchema, schemas: NamedSchemas): readonly CsvColumn[] {
  const { properties } = resolved(typeof list === 'string' ? ref(list) : list, schemas);
  const data = isSchema(properties) ? properties['data'] : undefined;
  const items = isSchema(data) ? data['items'] : undefined;
  if (!isSchema(items)) throw new RangeError(`${JSON.stringify(list)} is not the schema of a list`);
  return columnsIn(items, schemas, []);
}

/** The value of an item in one column. */
export function valueAt(item: unknown, column: CsvColumn): unknown {
  return column.reduce<unknown>((value, name) => (isSchema(value) ? value[name] : undefined), item);
}

function columnsIn(schema: JsonSchema, schemas: NamedSchemas, above: CsvColumn): readonly CsvColumn[] {
  const { properties } = resolved(schema, schemas);
  if (!isSchema(properties)) return [above];
  return Object.entries(properties).flatMap(([name, member]) =>
    columnsIn(isSchema(member) ? member : {}, schemas, [...above, name]),
  );
}

/** Resolves references, and the object in “object or null”. */
function resolved(schema: JsonSchema, schemas: NamedSchemas): JsonSchema {
  const { $ref, anyOf, oneOf } = schema;
  if (typeof $ref === 'string') return resolved(schemas[$ref.split('/').at(-1) ?? ''] ?? {}, schemas);
  const choices: unknown = anyOf ?? oneOf;
  if (!Array.isArray(choices)) return schema;
  const objects = choices.filter((choice): choice is JsonSchema => isSchema(choice) && choice['type'] !== 'null');
  const [only] = objects;
  return objects.length === 1 && only !== undefined ? resolved(only, schemas) : schema;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
