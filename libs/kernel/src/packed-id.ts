import type { Id } from './ids.js';
import { invariant } from './invariant.js';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Values of the characters, by their codes. */
const valueOf = new Uint8Array(128);
for (const [value, sign] of Array.from(alphabet).entries()) valueOf[sign.charCodeAt(0)] = value;
const twoDigits = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));
const threeDigits = Array.from({ length: 4_096 }, (_, value) => value.toString(16).padStart(3, '0'));
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
  let packed = twoDigits[bitsOf(id, from, headLength)] ?? '';
  for (let at = from + headLength; at < id.length; at += groupLength) {
    const bits = bitsOf(id, at, groupLength);
    packed += (threeDigits[bits >> 8] ?? '') + (twoDigits[bits & 255] ?? '');
  }
  return packed;
}

function bitsOf(id: string, from: number, length: number): number {
  let bits = 0;
  for (let at = from; at < from + length; at += 1) bits = (bits << 5) | (valueOf[id.charCodeAt(at)] ?? 0);
  return bits;
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
