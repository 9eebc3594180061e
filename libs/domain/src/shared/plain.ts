import type { JsonValue } from '@ringfence/kernel/json';

const bigintTag = '$bigint';

/**
 * A value of plain objects, arrays, strings, numbers, booleans, null and bigints as JSON; a bigint becomes `{"$bigint":
 * "…"}`.
 */
export function toPlain(value: unknown): JsonValue {
  if (typeof value === 'bigint') return { [bigintTag]: value.toString() };
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value === 'object') {
    const plain: Record<string, JsonValue> = {};
    for (const [name, inner] of Object.entries(value)) plain[name] = toPlain(inner);
    return plain;
  }
  throw new TypeError(`a state holds nothing like ${typeof value}`);
}

/** The inverse of `toPlain`. */
export function fromPlain(value: JsonValue): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (isArray(value)) return value.map(fromPlain);
  const tagged = value[bigintTag];
  if (typeof tagged === 'string') return BigInt(tagged);
  const made: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) made[name] = fromPlain(inner);
  return made;
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
