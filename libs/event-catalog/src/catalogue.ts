import { invariant } from '@ringfence/kernel/invariant';
import type { JsonObject } from '@ringfence/kernel/json';
import type { FieldsOf } from './shape.js';

/**
 * A step that converts an event's data from one version to the next. Total, because it has to accept all of history.
 */
export type Upcaster = (data: JsonObject) => JsonObject;

/** An upcaster without a change, for a version whose lists or patterns are larger than those of the one before. */
export const fewerWords: Upcaster = (data) => data;

export type EventDefinition<Event> = {
  /** `<context>.<fact>`, lower case. Never changes and is never reused. */
  readonly name: string;
  /** The version that is written, from 1. */
  readonly version: number;
  readonly fields: FieldsOf<Event>;
  /**
   * One step for each older version, oldest first: from 1 to 2, from 2 to 3, … Omitted if there is no older version.
   */
  readonly upcasters?: readonly Upcaster[];
};

type TypedEvent = { readonly type: string };
/** A definition for every member of a union of events. */
export type Catalogue<Event extends TypedEvent> = {
  readonly [Type in Event['type']]: EventDefinition<Extract<Event, { readonly type: Type }>>;
};

/** The parts of a CloudEvents type. */
type ParsedType<Type extends string> = { readonly type: Type; readonly version: number };
type CatalogueIndex<Type extends string> = {
  readonly types: readonly Type[];
  readonly currentTypes: { readonly [Each in Type]: string };
  /** The CloudEvents types of all versions, past and present. */
  readonly everyType: readonly string[];
  readonly ceTypeOf: (type: Type) => string;
  readonly parse: (ceType: string) => ParsedType<Type> | undefined;
};

const namePattern = /^[a-z]+\.[a-z]+(?:_[a-z]+)*$/;
const ceTypePattern = /^ringfence\.([a-z]+\.[a-z_]+)\.v([1-9]\d{0,3})$/;

/** The two-way mapping between events and their names on the wire. */
export function catalogueIndex<Event extends TypedEvent>(catalogue: Catalogue<Event>): CatalogueIndex<Event['type']> {
  const types = Object.keys(catalogue) as Event['type'][];
  const currentTypes: Record<string, string> = {};
  const typesByName = new Map<string, Event['type']>();
  for (const type of types) {
    const { name, version, upcasters = [] } = catalogue[type];
    invariant(namePattern.test(name), `${name} is <context>.<fact>`);
    invariant(!typesByName.has(name), `${name} names one event`);
    invariant(upcasters.length === version - 1, `${type} has an upcaster for each older version`);
    typesByName.set(name, type);
    currentTypes[type] = ceTypeFor(name, version);
  }
  return {
    types,
    everyType: types.flatMap((type) => {
      const { name, version } = catalogue[type];
      return Array.from({ length: version }, (_, at) => ceTypeFor(name, at + 1));
    }),
    currentTypes: currentTypes as { readonly [Each in Event['type']]: string },
    ceTypeOf: (type) => ceTypeFor(catalogue[type].name, catalogue[type].version),
    parse: (ceType) => {
      const [, name = '', version = ''] = ceTypePattern.exec(ceType) ?? [];
      const type = typesByName.get(name);
      return type === undefined ? undefined : { type, version: Number.parseInt(version, 10) };
    },
  };
}

function ceTypeFor(name: string, version: number): string {
  return `ringfence.${name}.v${String(version)}`;
}
