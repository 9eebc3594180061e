import type { JsonValue } from '@ringfence/kernel/json';
import { catalogFailures } from './failures.js';

/**
 * Writes a JSON value in its one canonical form (RFC 8785): names sorted by UTF-16 code units, no spaces, numbers as
 * ECMAScript writes them.
 * @throws Failure `text_not_interchangeable` for text with a lone surrogate or U+0000
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'string') return canonicalText(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  // Without a comparison function, `sort` compares UTF-16 code units.
  const members = Object.keys(value)
    .sort()
    .map((name) => `${canonicalText(name)}:${canonicalJson(value[name] ?? null)}`);
  return `{${members.join(',')}}`;
}

/** @throws Failure `text_not_interchangeable` */
function canonicalText(text: string): string {
  if (!isInterchangeable(text)) throw catalogFailures.text_not_interchangeable();
  return JSON.stringify(text);
}

/** Says whether all JSON parsers read this text alike: valid Unicode, no U+0000. */
function isInterchangeable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
