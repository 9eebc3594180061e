import type { Id } from './ids.js';
import { invariant } from './invariant.js';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const valueOf: Readonly<Record<string, number>> = Object.fromEntries(
  Array.from(alphabet, (sign, value) => [sign, value]),
);
/** The first two characters of a ULID are 8 bits, as the first of three; each further four are 20. */
const headLength = 2;
const groupLength = 4;
const ulidLength = 26;
const pattern = /_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/**
 * Packs an id: the 128 bits of its ULID as 32 hexadecimal digits, in the same order. As PostgreSQL's `uuid` they take
 * 16 bytes, half of the text.
 */
export function packedId(id: Id<string>): string {
  invariant(pattern.test(id), 'an id ends with a ULID');
  const from = id.length - ulidLength;
  let packed = hex(id, from, from + headLength, 2);
  for (let at = from + headLength; at < id.length; at += groupLength) packed += hex(id, at, at + groupLength, 5);
  return packed;
}

function hex(id: string, from: number, to: number, length: number): string {
  let value = 0;
  for (let at = from; at < to; at += 1) value = value * 32 + (valueOf[id[at] ?? ''] ?? 0);
  return value.toString(16).padStart(length, '0');
}

/** Unpacks an id of a known kind. @param packed hexadecimal digits, with or without the hyphens of a `uuid` */
export function unpackedId<Prefix extends string>(prefix: Prefix, packed: string): Id<Prefix> {
  const digits = packed.replaceAll('-', '');
  let ulid = base32(digits.slice(0, 2), headLength);
  for (let at = 2; at < digits.length; at += 5) ulid += base32(digits.slice(at, at + 5), groupLength);
  return `${prefix}_${ulid}` as Id<Prefix>;
}

function base32(digits: string, length: number): string {
  let value = Number.parseInt(digits, 16);
  let text = '';
  for (let left = length; left > 0; left -= 1) {
    text = (alphabet[value % 32] ?? '') + text;
    value = Math.floor(value / 32);
  }
  return text;
}
