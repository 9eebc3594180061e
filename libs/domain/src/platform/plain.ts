import type { JsonValue } from '@ringfence/kernel/json';

const bigintTag = '$bigint';

/** A value of plain objects, arrays, strings, numbers, booleans, null and bigints as JSON; a bigint becomes `{"$bigint": "…"}`. */
export function toPlain(value: unknown): JsonValue {
  if (typeof value === 'bigint') return { [bigintTag]: value.toString() };
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, toPlain(inner)]));
  }
  throw new TypeError(`a state holds nothing like ${typeof value}`);
}

/** The inverse of `toPlain`. */
export function fromPlain(value: JsonValue): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (isArray(value)) return value.map(fromPlain);
  const tagged = value[bigintTag];
  if (typeof tagged === 'string') return BigInt(tagged);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fromPlain(inner)]));
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
