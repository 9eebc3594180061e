import type { Id } from '@ringfence/kernel/ids';
import { packedId, unpackedId } from '@ringfence/kernel/packed-id';

/** Twilio's prefix of each kind of id that has a SID. */
const prefixes = { acc: 'AC', cs: 'CA', key: 'SK', vn: 'PN', va: 'AP' } as const;
type SidKind = keyof typeof prefixes;

const digits = /^[0-9a-fA-F]{32}$/;

/** The SID of an id: Twilio's prefix, and the 128 bits of the ULID as 32 lower-case hexadecimal digits. */
export function sidOf<Kind extends SidKind>(kind: Kind, id: Id<Kind>): string {
  return prefixes[kind] + packedId(id);
}

/** The id of a SID; undefined: it is no SID of this kind. */
export function idOfSid<Kind extends SidKind>(kind: Kind, sid: string): Id<Kind> | undefined {
  const [prefix, packed] = [sid.slice(0, 2), sid.slice(2)];
  return prefix === prefixes[kind] && digits.test(packed) ? unpackedId(kind, packed.toLowerCase()) : undefined;
}
