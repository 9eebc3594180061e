import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { choice, e164Number, type FieldRule, singleLine, rfc3339Moment, wholeNumber } from '@ringfence/wire/field-rule';
import type { CommandField } from '@ringfence/wire/public-commands';
import { IsOptional, ValidateBy } from 'class-validator';

/** What every field says of itself. A field that is not `required` may be left out or null. */
export type FieldWords = { readonly says: string; readonly example?: unknown; readonly required?: boolean };
type Otherwise<Value> = { readonly otherwise?: Value };

/**
 * One field of a body or query: checked by class-validator with one validator, so that a request costs one call a field, and described for
 * OpenAPI by the same line. `defaultMember`: whether its default is a member of the schema; generators take a body's field with one for required.
 */
function field<Value>(
  words: FieldWords & Otherwise<Value>,
  { name, expectation: wanted, schema, isValid: right }: FieldRule<Value>,
  defaultMember = true,
) {
  const { says, example, required = false, otherwise } = words;
  const inWords = otherwise === undefined || defaultMember ? says : `${says} Default: ${String(otherwise)}.`;
  return applyDecorators(
    ...(required ? [] : [IsOptional()]),
    ValidateBy({ name, validator: { validate: right, defaultMessage: () => wanted } }),
    ApiProperty({
      ...schema,
      ...(otherwise === undefined || !defaultMember ? {} : { default: otherwise }),
      description: inWords,
      required,
      ...(example === undefined ? {} : { example }),
    }),
  );
}

/** A field of a command, as the catalogue of commands has it; it is the same on a topic. */
export function BodyField<Value>(
  { rule, required }: CommandField<Value>,
  words: Omit<FieldWords, 'required'> & Otherwise<Value>,
) {
  return field({ ...words, required }, rule, false);
}

/** A telephone number in E.164: `+`, country code, subscriber number; 7 to 15 digits. */
export function E164Number(words: FieldWords) {
  return field(words, e164Number);
}

/** Free text: 1 to `charactersMax` characters in one line. */
export function Text(words: FieldWords & { readonly charactersMax: number; readonly pattern?: RegExp }) {
  return field(words, singleLine(words.charactersMax, words.pattern));
}

export function Choice(words: FieldWords & { readonly of: readonly string[] }) {
  return field(words, choice(words.of));
}

export function WholeNumber(words: FieldWords & { readonly least: number; readonly most: number } & Otherwise<number>) {
  return field(words, wholeNumber(words.least, words.most));
}

/** A moment as RFC 3339 writes it. */
export function Moment(words: FieldWords) {
  return field(words, rfc3339Moment);
}
