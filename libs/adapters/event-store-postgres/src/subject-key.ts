import { hash } from 'node:crypto';

/** A ULID: ten characters of milliseconds, sixteen of chance. */
const ulidEnd = /([0-7][0-9A-HJKMNP-TV-Z]{9})[0-9A-HJKMNP-TV-Z]{16}$/;
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const chanceBits = 16n;

/**
 * Makes a key of 64 bits for a subject: the moment of its ULID and 16 bits of a hash, so that subjects of one time are
 * neighbours in the index and writing them touches few of its pages; else, 64 bits of the hash. Half of the size of the
 * index is saved. Subjects may share a key: a reader compares the subjects of what it finds.
 */
export function subjectKey(subject: string): bigint {
  const digest = hash('sha256', subject, 'hex');
  const moment = ulidEnd.exec(subject)?.[1];
  if (moment === undefined) return BigInt.asIntN(64, BigInt(`0x${digest.slice(0, 16)}`));
  let ms = 0;
  for (const digit of moment) ms = ms * digits.length + digits.indexOf(digit);
  return BigInt.asIntN(64, (BigInt(ms) << chanceBits) | BigInt(`0x${digest.slice(0, 4)}`));
}
