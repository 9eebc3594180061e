import type { JsonValue } from '@ringfence/kernel/json';
import type { FieldRule } from '../field-rule.js';

/** A field of a command's body. One that is not `required` may be left out or null. */
export type CommandField<Value, Required extends boolean = boolean> = {
  readonly rule: FieldRule<Value>;
  readonly required: Required;
  /**
   * True if a topic carries the value (of a list: each item) as a compact JWE, never in clear; of an object its JSON
   * text.
   */
  readonly personal: boolean;
  /** Description in OpenAPI and AsyncAPI. */
  readonly description: string;
  readonly example?: JsonValue;
  /** The value of an omitted field, if a description names it. */
  readonly default?: Plain;
};
type Plain = string | number | boolean;
export type CommandFields = { readonly [name: string]: CommandField<unknown> };

type Documentation<Value> = { readonly example?: JsonValue; readonly default?: NoInfer<Value> & Plain };

export function required<Value>(
  rule: FieldRule<Value>,
  description: string,
  more: Documentation<Value> = {},
): CommandField<Value, true> {
  return { rule, required: true, personal: false, description, ...more };
}

export function optional<Value>(
  rule: FieldRule<Value>,
  description: string,
  more: Documentation<Value> = {},
): CommandField<Value, false> {
  return { rule, required: false, personal: false, description, ...more };
}

export function personal<Value, Required extends boolean>(
  field: CommandField<Value, Required>,
): CommandField<Value, Required> {
  return { ...field, personal: true };
}

/** Says whether the sealed form of a personal field is JSON: of an object, or of each item of a list of objects. */
export function isSealedAsJson({ rule }: CommandField<unknown>): boolean {
  return rule.name === 'object' || rule.name === 'objects';
}

/**
 * Returns the description with the default. The default is not in the schema: client generators take a body's field
 * with a `default` for required.
 */
export function fieldDescription({ description, default: value }: CommandField<unknown>): string {
  return value === undefined ? description : `${description} Default: ${String(value)}.`;
}

type ValueOf<Field> = Field extends CommandField<infer Value> ? Value : never;
type RequiredIn<Fields> = {
  [Name in keyof Fields]: Fields[Name] extends CommandField<unknown, true> ? Name : never;
}[keyof Fields];
/** A body with valid fields, personal ones in clear: as received over HTTP, or as opened from a signed command. */
export type BodyOf<Fields> = { readonly [Name in RequiredIn<Fields>]: ValueOf<Fields[Name]> } & {
  readonly [Name in Exclude<keyof Fields, RequiredIn<Fields>>]?: ValueOf<Fields[Name]> | null;
};
