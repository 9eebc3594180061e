import { isRecord } from '@ringfence/event-catalog/shape-codec';
import type { JsonObject } from '@ringfence/kernel/json';
import type { BodyOf, CommandFields } from './command-field.js';
import type { FieldRule } from '../field-rule.js';

/** An object with these members and no others; one that is not required may be left out or null. */
export function objectWith<const Members extends CommandFields>(
  members: Members,
  expectation: string,
): FieldRule<BodyOf<Members>> {
  return { name: 'object', expectation, schema: schemaOf(members), isValid: hasMembers(members) };
}

/** A list of such objects. */
export function objectList<const Members extends CommandFields>(
  members: Members,
  itemsMax: number,
  itemIs: string,
): FieldRule<readonly BodyOf<Members>[]> {
  const isItem = hasMembers(members);
  return {
    name: 'objects',
    expectation: `is a list of 1 to ${String(itemsMax)}, each ${itemIs}`,
    schema: { type: 'array', items: schemaOf(members), minItems: 1, maxItems: itemsMax },
    isValid: (value): value is readonly BodyOf<Members>[] =>
      Array.isArray(value) && value.length > 0 && value.length <= itemsMax && value.every(isItem),
  };
}

function hasMembers<Members extends CommandFields>(members: Members): (value: unknown) => value is BodyOf<Members> {
  const known = new Map(Object.entries(members));
  return (value): value is BodyOf<Members> =>
    isRecord(value) &&
    Object.keys(value).every((name) => known.has(name)) &&
    [...known].every(([name, { rule, required }]) => {
      const member = Object.hasOwn(value, name) ? value[name] : undefined;
      return member === undefined || member === null ? !required : rule.isValid(member);
    });
}

function schemaOf(members: CommandFields): JsonObject {
  const all = Object.entries(members);
  return {
    type: 'object',
    properties: Object.fromEntries(
      all.map(([name, { rule, required, description }]) => [
        name,
        required ? { ...rule.schema, description } : { oneOf: [{ type: 'null' }, rule.schema], description },
      ]),
    ),
    required: all.filter(([, { required }]) => required).map(([name]) => name),
    additionalProperties: false,
  };
}
