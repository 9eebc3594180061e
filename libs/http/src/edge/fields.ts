import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { publicKeyPattern } from '@ringfence/domain/keys/public-key';
import { IsOptional, ValidateBy } from 'class-validator';

/** What every field says of itself. A field that is not `required` may be left out or null. */
export type FieldWords = { readonly says: string; readonly example?: unknown; readonly required?: boolean };
type Schema = { readonly [name: string]: unknown };

/**
 * One field of a body or query: checked by class-validator with one validator, so that a request costs one call a field, and described for
 * OpenAPI by the same line.
 */
function field(words: FieldWords, rule: string, wrong: string, schema: Schema, right: (value: unknown) => boolean) {
  const { says, example, required = false } = words;
  return applyDecorators(
    ...(required ? [] : [IsOptional()]),
    ValidateBy({ name: rule, validator: { validate: right, defaultMessage: () => wrong } }),
    ApiProperty({ ...schema, description: says, required, ...(example === undefined ? {} : { example }) }),
  );
}

export const e164Pattern = /^\+[1-9]\d{6,14}$/;
/** A telephone number in E.164: `+`, country code, subscriber number; 7 to 15 digits. */
export function E164Number(words: FieldWords) {
  const schema = { type: 'string', pattern: e164Pattern.source };
  return field(words, 'e164', 'is a number in E.164, such as +15005550000', schema, (value) => {
    return typeof value === 'string' && e164Pattern.test(value);
  });
}

/** Letters, marks, digits, punctuation, symbols and plain spaces: no control character, no half of a surrogate pair, no line break. */
const cleanText = /^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u;
/** Free text: 1 to `charactersMax` characters in one line. */
export function Text(words: FieldWords & { readonly charactersMax: number; readonly pattern?: RegExp }) {
  const { charactersMax, pattern } = words;
  const wrong = `is text of 1 to ${String(charactersMax)} characters${pattern === undefined ? ' without control characters' : ` that matches ${pattern.source}`}`;
  const schema = {
    type: 'string',
    minLength: 1,
    maxLength: charactersMax,
    pattern: pattern?.source ?? String.raw`^[^\u0000-\u001f\u007f]*$`,
  };
  return field(words, 'text', wrong, schema, (value) => {
    if (typeof value !== 'string' || value.length === 0 || value.length > charactersMax) return false;
    return pattern === undefined ? cleanText.test(value) : pattern.test(value);
  });
}

export const urlCharactersMax = 2_048;
/** An absolute http or https URL without user name and password. */
export function WebUrl(words: FieldWords) {
  const wrong = `is an absolute http(s) URL of at most ${String(urlCharactersMax)} characters without credentials`;
  const schema = { type: 'string', format: 'uri', maxLength: urlCharactersMax, pattern: '^https?://' };
  return field(words, 'url', wrong, schema, isWebUrl);
}

const plainUrl = /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[\x21-\x7e]*)?$/;
function isWebUrl(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > urlCharactersMax || !plainUrl.test(value)) return false;
  return URL.canParse(value);
}

/** An Ed25519 public key as a JWK: `x` is the 32 bytes as base64url. Whether they are a point of the curve is for the lane to say. */
export type PublicJwk = { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string };
export function Ed25519PublicKey(words: FieldWords) {
  const schema = {
    type: 'object',
    properties: {
      kty: { const: 'OKP' },
      crv: { const: 'Ed25519' },
      x: { type: 'string', pattern: publicKeyPattern.source },
    },
    required: ['kty', 'crv', 'x'],
    additionalProperties: false,
  };
  const wrong = 'is the public JWK of an Ed25519 key pair, {"kty":"OKP","crv":"Ed25519","x":…}, and nothing besides';
  return field(words, 'public_jwk', wrong, schema, (value) => {
    if (typeof value !== 'object' || value === null || Object.keys(value).length !== 3) return false;
    const { kty, crv, x } = value as Readonly<Record<string, unknown>>;
    return kty === 'OKP' && crv === 'Ed25519' && typeof x === 'string' && publicKeyPattern.test(x);
  });
}

export function Choice(words: FieldWords & { readonly of: readonly string[] }) {
  const { of } = words;
  const schema = { type: 'string', enum: [...of] };
  return field(words, 'choice', `is one of ${of.join(', ')}`, schema, (value) => {
    return typeof value === 'string' && of.includes(value);
  });
}

export function Choices(words: FieldWords & { readonly of: readonly string[] }) {
  const { of } = words;
  const schema = {
    type: 'array',
    items: { type: 'string', enum: [...of] },
    minItems: 1,
    maxItems: of.length,
    uniqueItems: true,
  };
  return field(words, 'choices', `is a list without repetitions of ${of.join(', ')}`, schema, (value) => {
    if (!Array.isArray(value) || value.length === 0 || value.length > of.length) return false;
    return new Set(value).size === value.length && value.every((each) => of.includes(String(each)));
  });
}

export function TextList(
  words: FieldWords & { readonly each: RegExp; readonly itemsMax: number; readonly itemIs: string },
) {
  const { each, itemsMax, itemIs } = words;
  const schema = { type: 'array', items: { type: 'string', pattern: each.source }, maxItems: itemsMax };
  return field(words, 'list', `is a list of at most ${String(itemsMax)}, each ${itemIs}`, schema, (value) => {
    return (
      Array.isArray(value) &&
      value.length <= itemsMax &&
      value.every((item) => typeof item === 'string' && each.test(item))
    );
  });
}

export function Flag(words: FieldWords & { readonly otherwise?: boolean }) {
  const schema = { type: 'boolean', ...(words.otherwise === undefined ? {} : { default: words.otherwise }) };
  return field(words, 'boolean', 'is true or false', schema, (value) => typeof value === 'boolean');
}

export function WholeNumber(
  words: FieldWords & { readonly least: number; readonly most: number; readonly otherwise?: number },
) {
  const { least, most, otherwise } = words;
  const schema = {
    type: 'integer',
    minimum: least,
    maximum: most,
    ...(otherwise === undefined ? {} : { default: otherwise }),
  };
  return field(words, 'integer', `is a whole number from ${String(least)} to ${String(most)}`, schema, (value) => {
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most;
  });
}

const microsPattern = /^(0|[1-9]\d{0,17})$/;
/** Money: a decimal string of micro-units, never a JSON number. */
export function AmountMicros(words: FieldWords) {
  const schema = { type: 'string', pattern: microsPattern.source };
  return field(
    words,
    'amount_micros',
    'is a string of digits: millionths of one unit of the currency',
    schema,
    (value) => {
      return typeof value === 'string' && microsPattern.test(value);
    },
  );
}

const momentPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
/** A moment as RFC 3339 writes it. */
export function Moment(words: FieldWords) {
  const schema = { type: 'string', format: 'date-time' };
  return field(words, 'moment', 'is a moment as RFC 3339 writes it, such as 2026-01-31T12:00:00Z', schema, isMoment);
}

function isMoment(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 40 && momentPattern.test(value) && Date.parse(value) >= 0;
}

/** An id: a prefix and a ULID. */
export function IdText(words: FieldWords & { readonly prefix: string }) {
  const pattern = idPattern(words.prefix);
  const schema = { type: 'string', pattern: pattern.source };
  return field(words, 'id', `is an id that begins with ${words.prefix}_`, schema, (value) => {
    return typeof value === 'string' && pattern.test(value);
  });
}

export function idPattern(prefix: string): RegExp {
  return new RegExp(`^${prefix}_[0-7][0-9A-HJKMNP-TV-Z]{25}$`);
}
