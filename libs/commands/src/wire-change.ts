import { type Codec, nullable, objectOf } from '@ringfence/event-catalog/shape';

/** A change of each field of `Fields`. null: unchanged; `to`: the new value, which may be null itself. */
export type WireChange<Fields> = { readonly [Name in keyof Fields]: { readonly to: Fields[Name] } | null };

export function becomes<Value>(codec: Codec<Value>): Codec<{ readonly to: Value } | null> {
  return nullable({ shape: objectOf<{ readonly to: unknown }>({ to: { shape: codec.shape } }).shape });
}

export function to<Value>(value: Value | undefined): { readonly to: Value } | null {
  return value === undefined ? null : { to: value };
}

/** The fields that a change names, with their new values. */
export function changeFromWire<Fields extends object>(wire: WireChange<Fields>): Partial<Fields> {
  const members = Object.entries<{ readonly to: unknown } | null>(wire);
  const named = members.flatMap(([name, member]) => (member === null ? [] : [[name, member.to] as const]));
  return Object.fromEntries(named) as Partial<Fields>; // the names and the values are those of `wire`
}
