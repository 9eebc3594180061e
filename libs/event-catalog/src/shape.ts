import { publicKeyPattern } from '@ringfence/domain/keys/public-key';
import { destinationPattern, destinationWords } from '@ringfence/domain/limits/numbering-plan';
import type { SealedSecret, SealedText } from '@ringfence/domain/shared/values';
import type { SecretDigest } from '@ringfence/domain/keys/key.events';
import type { Id } from '@ringfence/kernel/ids';
import type { DurationMs, EpochMs, LocalDay, Micros } from '@ringfence/kernel/units';

/**
 * Visibility of a field. `clear`: to everyone who may read the event; `personal`: only with the subject's data key;
 * `secret`: to no client; a keyed digest is kept, or a ciphertext where the platform itself reads the secret again.
 */
export type FieldClass = 'clear' | 'personal' | 'secret';

/**
 * The only shapes of clear text: none of them permits prose, a name, or a phone number with its `+`. Free text is
 * personal, so its only codec is `sealedText`.
 */
export const textPatterns = {
  label: { pattern: /^[a-z0-9][a-z0-9._-]{0,62}$/, wanted: 'a label of 1–63 characters a–z, 0–9, `.`, `_`, `-`' },
  currency: { pattern: /^[A-Z]{3}$/, wanted: 'an ISO 4217 code' },
  country: { pattern: /^[A-Z]{2}$/, wanted: 'an ISO 3166-1 alpha-2 code' },
  timeZone: { pattern: /^[A-Za-z][A-Za-z0-9_+-]{0,31}(?:\/[A-Za-z0-9_+-]{1,31}){0,2}$/, wanted: 'an IANA time zone' },
  localDay: { pattern: /^\d{4}-\d{2}-\d{2}$/, wanted: 'a day YYYY-MM-DD' },
  destination: { pattern: destinationPattern, wanted: destinationWords },
  prefixDigits: { pattern: /^\d{1,15}$/, wanted: 'a prefix of 1–15 digits' },
  cidr: { pattern: /^[0-9a-fA-F:.]{2,45}\/\d{1,3}$/, wanted: 'a CIDR block' },
  sha256: { pattern: /^[0-9a-f]{64}$/, wanted: 'a lower-case hex SHA-256' },
  publicKey: { pattern: publicKeyPattern, wanted: 'an Ed25519 public key, 32 bytes as base64url' },
  commandName: { pattern: /^[a-z][a-z_]{0,62}$/, wanted: 'the name of a command, `place_call`' },
  replyPointer: { pattern: /^(?:\/[a-z_]{1,24}){1,2}$/, wanted: 'a JSON Pointer to a member that the API names' },
  secretHint: { pattern: /^[0-9A-Za-z]{4}$/, wanted: 'the last four characters of a secret' },
} as const satisfies Record<string, { readonly pattern: RegExp; readonly wanted: string }>;
type TextPattern = keyof typeof textPatterns;

/** Patterns of text that occurs only inside a sealed value or a digest. */
export const innerPatterns = {
  /** base64url of iv (12 bytes) ‖ ciphertext (from 1) ‖ tag (16); at most 2 048 characters of four bytes. */
  ciphertext: { pattern: /^[A-Za-z0-9_-]{39,10960}$/, wanted: 'base64url of iv, ciphertext and tag' },
  pepperId: { pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, wanted: 'the name of a pepper' },
} as const satisfies Record<string, { readonly pattern: RegExp; readonly wanted: string }>;

/**
 * Form of a field on the wire. Plain data, so that one description drives encoder, decoder, documentation and test
 * data.
 */
export type Shape =
  | { readonly kind: 'id'; readonly prefix: string }
  | { readonly kind: 'text'; readonly pattern: TextPattern | keyof typeof innerPatterns }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  | { readonly kind: 'flag' }
  | { readonly kind: 'micros' }
  | { readonly kind: 'count' | 'epochMs' | 'durationMs' }
  | { readonly kind: 'sealed' | 'sealedSecret' }
  | { readonly kind: 'digest' }
  | { readonly kind: 'nullable'; readonly inner: Shape }
  | { readonly kind: 'list'; readonly item: Shape }
  | { readonly kind: 'object'; readonly fields: Shapes }
  /** One of several objects; each has its word in the member `kind`. */
  | { readonly kind: 'variants'; readonly of: { readonly [word: string]: Shapes } };
type Shapes = { readonly [name: string]: Shape };

const sealedFields = {
  subjectId: { kind: 'id', prefix: 'sub' },
  ciphertext: { kind: 'text', pattern: 'ciphertext' },
} as const;

/** Fields of a sealed value and of a digest. */
export const compoundFields = {
  sealed: sealedFields,
  sealedSecret: sealedFields,
  digest: { pepperId: { kind: 'text', pattern: 'pepperId' }, hmacSha256: { kind: 'text', pattern: 'sha256' } },
} as const satisfies Record<string, { readonly [name: string]: Shape }>;

declare const codes: unique symbol;
/** The shape of exactly one type: neither a wider nor a narrower one is accepted, so that units cannot be confused. */
export type Codec<Value> = { readonly shape: Shape; readonly [codes]?: (value: Value) => Value };

/** A codec for each field of an event, or of an object within one. A field without one is a compile error. */
export type FieldsOf<Value> = { readonly [Name in Exclude<keyof Value, 'type'>]-?: Codec<Value[Name]> };

const codecOf = <Value>(shape: Shape): Codec<Value> => ({ shape });

/** A prefix and a ULID. Clear. */
export const id = <Prefix extends string>(prefix: Prefix): Codec<Id<Prefix>> => codecOf({ kind: 'id', prefix });
/** Text of a named pattern. Clear. */
export const text = <Pattern extends TextPattern>(
  pattern: Pattern,
): Codec<Pattern extends 'localDay' ? LocalDay : string> => codecOf({ kind: 'text', pattern });
/** One of a few words. A new word requires a new version of every event with the field. Clear. */
export const oneOf = <const Values extends readonly string[]>(values: Values): Codec<Values[number]> =>
  codecOf({ kind: 'enum', values });
/** true or false. Clear. */
export const flag: Codec<boolean> = codecOf({ kind: 'flag' });
/** Money as a decimal string of micro-units, `-?[1-9][0-9]*` or `0`. Clear. */
export const microsAmount: Codec<Micros> = codecOf({ kind: 'micros' });
/** A whole number from 0. Clear. */
export const count: Codec<number> = codecOf({ kind: 'count' });
/** Whole milliseconds since the epoch. Clear. */
export const moment: Codec<EpochMs> = codecOf({ kind: 'epochMs' });
/** Whole milliseconds. Clear. */
export const duration: Codec<DurationMs> = codecOf({ kind: 'durationMs' });
/** A subject and its ciphertext. Personal. */
export const sealedText: Codec<SealedText> = codecOf({ kind: 'sealed' });
/** A subject and the ciphertext of a secret, which the platform alone opens. Secret. */
export const sealedSecret: Codec<SealedSecret> = codecOf({ kind: 'sealedSecret' });
/** A keyed digest and the name of its pepper. Secret. */
export const secretDigest: Codec<SecretDigest> = codecOf({ kind: 'digest' });

export const nullable = <Value>(inner: Codec<Value>): Codec<Value | null> =>
  codecOf({ kind: 'nullable', inner: inner.shape });
export const listOf = <Item>(item: Codec<Item>): Codec<readonly Item[]> => codecOf({ kind: 'list', item: item.shape });
export const objectOf = <Value extends object>(fields: FieldsOf<Value>): Codec<Value> =>
  codecOf({ kind: 'object', fields: shapesOf(fields) });

/**
 * One of several objects, by the word in their member `kind`. A new word requires a new version of every event with it.
 */
export const variantsOf = <Value extends { readonly kind: string }>(variants: {
  readonly [Kind in Value['kind']]: Codec<Extract<Value, { readonly kind: Kind }>>;
}): Codec<Value> => {
  const codecs = Object.entries<{ readonly shape: Shape }>(variants);
  const of = codecs.map(([word, { shape }]): [string, Shapes] => [word, shape.kind === 'object' ? shape.fields : {}]);
  return codecOf({ kind: 'variants', of: Object.fromEntries(of) });
};

/** The shapes behind a record of codecs, by field name. */
export function shapesOf<Value>(fields: FieldsOf<Value>): { readonly [name: string]: Shape } {
  const codecs = Object.entries<{ readonly shape: Shape }>(fields);
  return Object.fromEntries(codecs.map(([name, codec]) => [name, codec.shape]));
}
