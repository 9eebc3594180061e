import { unreachable } from '@ringfence/kernel/invariant';
import type { JsonObject } from '@ringfence/kernel/json';
import { type Catalogue, catalogueIndex, type Upcaster } from './catalogue.js';
import { catalogFailures } from './failures.js';
import { compileObjectReader, compileObjectWriter, isRecord, type Read, type Write } from './shape-codec.js';
import { shapesOf } from './shape.js';

type TypedEvent = { readonly type: string };

/** Writes and reads an event's `data`: everything that is not in the envelope. */
type DataCodec<Event extends TypedEvent> = {
  /** The event's CloudEvents type in the version that is written. */
  readonly ceTypeOf: (event: Event) => string;
  /** @throws Failure `event_type_unknown`, `event_version_unknown` */
  readonly typeOf: (ceType: string) => Event['type'];
  /** Canonical JSON. @throws Failure `event_field_invalid` */
  readonly write: (event: Event) => string;
  /**
   * Brings data of any version up to the current one.
   * @param raw the parsed JSON; it is changed in place
   * @throws Failure `event_type_unknown`, `event_version_unknown`, `event_field_invalid`
   */
  readonly read: (ceType: string, raw: unknown) => Event;
};

type Compiled = {
  readonly ceType: string;
  readonly version: number;
  readonly upcasters: readonly Upcaster[];
  readonly write: Write;
  readonly read: Read;
};
type Route<Type> = { readonly type: Type; readonly version: number; readonly compiled: Compiled };

export function dataCodec<Event extends TypedEvent>(catalogue: Catalogue<Event>): DataCodec<Event> {
  const index = catalogueIndex(catalogue);
  const compiled = new Map<string, Compiled>();
  for (const type of index.types) compiled.set(type, compile(catalogue, type, index.ceTypeOf(type)));
  const routes = new Map<string, Route<Event['type']>>();

  function compiledFor(type: string): Compiled {
    return compiled.get(type) ?? unreachable(type as never);
  }

  function routeOf(ceType: string): Route<Event['type']> {
    const known = routes.get(ceType);
    if (known !== undefined) return known;
    const parsed = index.parse(ceType);
    if (parsed === undefined) throw catalogFailures.event_type_unknown(ceType);
    const found = compiledFor(parsed.type);
    if (parsed.version > found.version) throw catalogFailures.event_version_unknown(ceType, found.version);
    const route = { ...parsed, compiled: found };
    // Only known types get here, so the map is as bounded as the catalogue.
    routes.set(ceType, route);
    return route;
  }

  return {
    ceTypeOf: (event) => compiledFor(event.type).ceType,
    typeOf: (ceType) => routeOf(ceType).type,
    write: (event) => compiledFor(event.type).write(event),
    read: (ceType, raw) => {
      const { type, version, compiled: found } = routeOf(ceType);
      if (!isRecord(raw)) throw catalogFailures.event_field_invalid('data', 'an object');
      const current = version === found.version ? raw : upcast(raw, found.upcasters.slice(version - 1));
      const data = found.read(current) as Record<string, unknown>;
      data['type'] = type;
      return data as Event;
    },
  };
}

function compile<Event extends TypedEvent>(catalogue: Catalogue<Event>, type: Event['type'], ceType: string): Compiled {
  const { version, fields, upcasters = [] } = catalogue[type];
  const shapes = shapesOf(fields);
  return {
    ceType,
    version,
    upcasters,
    write: compileObjectWriter(shapes, '', ['type']),
    read: compileObjectReader(shapes, ''),
  };
}

function upcast(raw: Record<string, unknown>, upcasters: readonly Upcaster[]): Record<string, unknown> {
  // It comes from JSON.parse.
  return { ...upcasters.reduce((data, step) => step(data), raw as JsonObject) };
}
