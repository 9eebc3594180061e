import { applyDecorators } from '@nestjs/common';
import {
  choice,
  choices,
  e164Number,
  type FieldRule,
  singleLine,
  rfc3339Moment,
  textList,
  writtenText,
  wholeNumber,
} from '@ringfence/wire/field-rule';
import { type CommandField, fieldDescription } from '@ringfence/wire/commands/command-field';
import { IsOptional, ValidateBy } from 'class-validator';
import { describedField } from './described.js';

/** Description of a field. A field that is not `required` may be omitted or null. */
type FieldSpec = { readonly description: string; readonly example?: unknown; readonly required?: boolean };
type WithDefault<Value> = { readonly default?: Value };

/**
 * Declares one field of a body or query. One validator of class-validator checks it, so that a request costs one call
 * per field, and the same declaration describes it in OpenAPI.
 */
function field<Value>(spec: FieldSpec & WithDefault<Value>, { name, expectation, schema, isValid }: FieldRule<Value>) {
  const { description, example, required = false, default: standard } = spec;
  return applyDecorators(
    ...(required ? [] : [IsOptional()]),
    ValidateBy({ name, validator: { validate: isValid, defaultMessage: () => expectation } }),
    describedField({
      ...schema,
      ...(standard === undefined ? {} : { default: standard }),
      description,
      required,
      ...(example === undefined ? {} : { example }),
    }),
  );
}

/** A field of a command, as in its definition, which also applies on topics. */
export function BodyField<Value>(described: CommandField<Value>) {
  const { rule, required, example } = described;
  const description = fieldDescription(described);
  return field({ description, required, ...(example === undefined ? {} : { example }) }, rule);
}

/** A telephone number in E.164: `+`, country code, subscriber number; 7 to 15 digits. */
export function E164Number(spec: FieldSpec) {
  return field(spec, e164Number);
}

/** Free text of 1 to `charactersMax` characters in one line. */
export function Text(spec: FieldSpec & { readonly charactersMax: number; readonly pattern?: RegExp }) {
  return field(spec, singleLine(spec.charactersMax, spec.pattern));
}

/** Text of up to `charactersMax` characters, of any kind and of any number of lines. */
export function LongText(spec: FieldSpec & { readonly charactersMax: number }) {
  return field(spec, writtenText(spec.charactersMax));
}

/** A query parameter that may be repeated, for at most `itemsMax` values. */
export function TextList(
  spec: FieldSpec & { readonly itemsMax: number; readonly each: RegExp; readonly itemIs: string },
) {
  return field(spec, textList(spec.each, spec.itemsMax, spec.itemIs));
}

export function Choice(spec: FieldSpec & { readonly of: readonly string[] }) {
  return field(spec, choice(spec.of));
}

/** Some of a few words; in a query a parameter that may occur more than once. */
export function Choices(spec: FieldSpec & { readonly of: readonly string[] }) {
  return field(spec, choices(spec.of));
}

export function WholeNumber(spec: FieldSpec & { readonly least: number; readonly most: number } & WithDefault<number>) {
  return field(spec, wholeNumber(spec.least, spec.most));
}

/** A moment in the format of RFC 3339. */
export function Moment(spec: FieldSpec) {
  return field(spec, rfc3339Moment);
}
