import { e164 } from '@ringfence/domain/limits/numbering-plan';
import { publicKeyPattern } from '@ringfence/domain/keys/public-key';
import type { JsonObject } from '@ringfence/kernel/json';

/**
 * A rule for a field of a command's body, over HTTP and in a signed command. Plain data and one check, so that the same
 * line validates and describes.
 */
export type FieldRule<Value> = {
  /** Name of the rule in error answers. */
  readonly name: string;
  /** Expectation in words; continues a sentence that begins with the field's name. */
  readonly expectation: string;
  /** JSON Schema of a valid value. */
  readonly schema: JsonObject;
  readonly isValid: (value: unknown) => value is Value;
};

/** A telephone number in E.164: `+`, country code, subscriber number; 7 to 15 digits. */
export const e164Number: FieldRule<string> = {
  name: 'e164',
  expectation: 'is a number in E.164, such as +15005550000',
  schema: { type: 'string', pattern: e164.source },
  isValid: matching(e164),
};

const urlCharactersMax = 2_048;
const plainUrl = /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[\x21-\x7e]*)?$/;
/** An absolute http or https URL without user name and password. */
export const webUrl: FieldRule<string> = {
  name: 'url',
  expectation: `is an absolute http(s) URL of at most ${String(urlCharactersMax)} characters without credentials`,
  schema: { type: 'string', format: 'uri', maxLength: urlCharactersMax, pattern: '^https?://' },
  isValid: (value): value is string =>
    typeof value === 'string' && value.length <= urlCharactersMax && plainUrl.test(value) && URL.canParse(value),
};

const plainEndpoint = /^https?:\/\/(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:[/?][\x21\x22\x24-\x7e]*)?$/;
/** An absolute http or https URL that the platform requests: without user name, password and fragment. */
export const endpointUrl: FieldRule<string> = {
  name: 'url',
  expectation: `is an absolute http(s) URL of at most ${String(urlCharactersMax)} characters without credentials and fragment`,
  schema: { type: 'string', format: 'uri', maxLength: urlCharactersMax, pattern: '^https?://[^#]+$' },
  isValid: (value): value is string =>
    typeof value === 'string' && value.length <= urlCharactersMax && plainEndpoint.test(value) && URL.canParse(value),
};

/**
 * Letters, marks, digits, punctuation, symbols and plain spaces: no control characters, lone surrogates or line breaks,
 * and no invisible characters that make a text look like another one (bidirectional controls, zero-width spaces,
 * fillers, tags). Joiners are permitted: scripts and emoji need them.
 */
const cleanText =
  /^(?:(?!\u{34f}|\u{17b4}|\u{17b5}|[\p{Bidi_Control}\u{ad}\u{115f}\u{1160}\u{180e}\u{200b}\u{2060}-\u{206f}\u{3164}\u{feff}\u{ffa0}\u{fff9}-\u{fffb}\u{e0000}-\u{e007f}])[^\p{Cc}\p{Cs}\u2028\u2029])*$/u;
/** Free text: 1 to `charactersMax` characters on one line. */
export function singleLine(charactersMax: number, pattern?: RegExp): FieldRule<string> {
  const manner = pattern === undefined ? ' without control or invisible characters' : ` that matches ${pattern.source}`;
  const expectation = `is text of 1 to ${String(charactersMax)} characters${manner}`;
  const schema = {
    type: 'string',
    minLength: 1,
    maxLength: charactersMax,
    pattern: pattern?.source ?? String.raw`^[^\u0000-\u001f\u007f]*$`,
  };
  const form = pattern ?? cleanText;
  return {
    name: 'text',
    expectation,
    schema,
    isValid: (value): value is string =>
      typeof value === 'string' && value.length > 0 && value.length <= charactersMax && form.test(value),
  };
}

/** Text as somebody else wrote it, in any number of lines; it may be empty. */
export function writtenText(charactersMax: number): FieldRule<string> {
  return {
    name: 'text',
    expectation: `is text of at most ${String(charactersMax)} characters`,
    schema: { type: 'string', maxLength: charactersMax },
    isValid: (value): value is string => typeof value === 'string' && value.length <= charactersMax,
  };
}

export function choice<const Values extends readonly string[]>(values: Values): FieldRule<Values[number]> {
  return {
    name: 'choice',
    expectation: `is one of ${values.join(', ')}`,
    schema: { type: 'string', enum: [...values] },
    isValid: (value): value is Values[number] => typeof value === 'string' && values.includes(value),
  };
}

export function choices<const Values extends readonly string[]>(values: Values): FieldRule<readonly Values[number][]> {
  return {
    name: 'choices',
    expectation: `is a list without repetitions of ${values.join(', ')}`,
    schema: {
      type: 'array',
      items: { type: 'string', enum: [...values] },
      minItems: 1,
      maxItems: values.length,
      uniqueItems: true,
    },
    isValid: (value): value is readonly Values[number][] =>
      isList(value) &&
      value.length > 0 &&
      value.length <= values.length &&
      new Set(value).size === value.length &&
      value.every((each) => typeof each === 'string' && values.includes(each)),
  };
}

export function textList(each: RegExp, itemsMax: number, itemIs: string): FieldRule<readonly string[]> {
  return {
    name: 'list',
    expectation: `is a list of at most ${String(itemsMax)}, each ${itemIs}`,
    schema: { type: 'array', items: { type: 'string', pattern: each.source }, maxItems: itemsMax },
    isValid: (value): value is readonly string[] =>
      isList(value) && value.length <= itemsMax && value.every((item) => typeof item === 'string' && each.test(item)),
  };
}

export const boolean: FieldRule<boolean> = {
  name: 'boolean',
  expectation: 'is true or false',
  schema: { type: 'boolean' },
  isValid: (value): value is boolean => typeof value === 'boolean',
};

export function wholeNumber(least: number, most: number): FieldRule<number> {
  return {
    name: 'integer',
    expectation: `is a whole number from ${String(least)} to ${String(most)}`,
    schema: { type: 'integer', minimum: least, maximum: most },
    isValid: (value): value is number =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most,
  };
}

const microsPattern = /^(0|[1-9]\d{0,17})$/;
/** Money: a decimal string of micro-units, never a JSON number. */
export const amountMicros: FieldRule<string> = {
  name: 'amount_micros',
  expectation: 'is a string of 1 to 18 digits without a leading 0: millionths of one unit of the currency',
  schema: { type: 'string', pattern: microsPattern.source },
  isValid: matching(microsPattern),
};

const momentPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
const momentCharactersMax = 40;
/** A moment in RFC 3339. */
export const rfc3339Moment: FieldRule<string> = {
  name: 'moment',
  expectation: 'is a moment as RFC 3339 writes it, such as 2026-01-31T12:00:00Z',
  schema: { type: 'string', format: 'date-time' },
  isValid: (value): value is string =>
    typeof value === 'string' &&
    value.length <= momentCharactersMax &&
    momentPattern.test(value) &&
    Date.parse(value) >= 0,
};

export function idPattern(prefix: string): RegExp {
  return new RegExp(`^${prefix}_[0-7][0-9A-HJKMNP-TV-Z]{25}$`);
}
/** An id: a prefix and a ULID. */
export function idText(prefix: string): FieldRule<string> {
  const pattern = idPattern(prefix);
  return {
    name: 'id',
    expectation: `is an id that begins with ${prefix}_`,
    schema: { type: 'string', pattern: pattern.source },
    isValid: matching(pattern),
  };
}

/** A public key of RFC 8037 for signatures. */
export type Ed25519Jwk = { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string };
export const ed25519Jwk: FieldRule<Ed25519Jwk> = {
  name: 'public_jwk',
  expectation: 'is the public JWK of an Ed25519 key pair, {"kty":"OKP","crv":"Ed25519","x":…}, and nothing besides',
  schema: {
    type: 'object',
    properties: {
      kty: { const: 'OKP' },
      crv: { const: 'Ed25519' },
      x: { type: 'string', pattern: publicKeyPattern.source },
    },
    required: ['kty', 'crv', 'x'],
    additionalProperties: false,
  },
  isValid: (value): value is Ed25519Jwk => {
    if (typeof value !== 'object' || value === null || Object.keys(value).length !== 3) return false;
    const { kty, crv, x } = value as { kty?: unknown; crv?: unknown; x?: unknown };
    return kty === 'OKP' && crv === 'Ed25519' && typeof x === 'string' && publicKeyPattern.test(x);
  },
};

const ascii = /^[\x20-\x7e]*$/;
/** Depth of the deepest valid value: a list of objects. Clients choose the depth of what they send. */
const formDepthMax = 3;
/** Normalises text, also within a value, to Unicode's form C; most text is ASCII, which has only one form. */
export function inOneForm(value: unknown, depthMax = formDepthMax): unknown {
  if (typeof value === 'string') return ascii.test(value) ? value : value.normalize('NFC');
  if (depthMax === 0 || typeof value !== 'object' || value === null) return value;
  const within = depthMax - 1;
  if (isList(value)) return value.map((item) => inOneForm(item, within));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, inOneForm(member, within)]));
}

function matching(pattern: RegExp): (value: unknown) => value is string {
  return (value): value is string => typeof value === 'string' && pattern.test(value);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
