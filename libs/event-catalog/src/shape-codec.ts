import { catalogFailures } from './failures.js';
import { compoundFields, innerPatterns, type Shape, textPatterns } from './shape.js';

/**
 * A writer compiled from a shape, once for all events; it makes canonical JSON. Writers and readers throw Failure
 * `event_field_invalid`, which names the field and never its value.
 */
export type Write = (value: unknown) => string;
/**
 * A reader compiled from a shape. It may return, changed, the object that it was given: JSON.parse made it for this
 * reader alone.
 */
export type Read = (raw: unknown) => unknown;
type Fields = { readonly [name: string]: Shape };

const ulid = '[0-7][0-9A-HJKMNP-TV-Z]{25}';
const decimalMicros = /^(?:0|-?[1-9]\d{0,30})$/;
const patterns = { ...textPatterns, ...innerPatterns };

export function compileWriter(shape: Shape, field: string): Write {
  switch (shape.kind) {
    case 'micros':
      return (value) => (typeof value === 'bigint' ? `"${value.toString()}"` : invalid(field, 'whole micro-units'));
    case 'nullable': {
      const inner = compileWriter(shape.inner, field);
      return (value) => (value === null ? 'null' : inner(value));
    }
    case 'list': {
      const item = compileWriter(shape.item, `${field}[]`);
      return (value) => (isList(value) ? `[${value.map(item).join(',')}]` : invalid(field, 'a list'));
    }
    case 'object':
      return compileObjectWriter(shape.fields, field);
    case 'variants': {
      const writers = eachVariant(shape.of, (fields) => compileObjectWriter(fields, field));
      return (value) => variantOf(writers, value, field)(value);
    }
    case 'sealed':
    case 'sealedSecret':
    case 'digest':
      return compileObjectWriter(compoundFields[shape.kind], field);
    case 'flag':
    case 'count':
    case 'epochMs':
    case 'durationMs': {
      const check = compileReader(shape, field);
      return (value) => String(check(value));
    }
    case 'id':
    case 'text':
    case 'enum': {
      // None of the patterns and words permits characters that JSON has to escape (tested against a JSON library).
      const check = compileReader(shape, field);
      return (value) => `"${check(value) as string}"`;
    }
  }
}

/**
 * Writes an object's members in canonical order.
 * @param besides members of the object that are written elsewhere
 */
export function compileObjectWriter(fields: Fields, field: string, besides: readonly string[] = []): Write {
  const members = Object.entries(fields)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, shape], at) => ({
      name,
      head: `${at === 0 ? '{' : ','}${JSON.stringify(name)}:`,
      write: compileWriter(shape, pathOf(field, name)),
    }));
  const size = members.length + besides.length;
  return (value) => {
    if (!isRecord(value)) return invalid(field, 'an object');
    let json = '';
    for (const member of members) json += member.head + member.write(value[member.name]);
    // A member that is missing in the catalogue would be a lost fact.
    if (Object.keys(value).length !== size) return invalid(field, namesOnly(fields));
    return `${json}}`;
  };
}

export function compileReader(shape: Shape, field: string): Read {
  switch (shape.kind) {
    case 'id':
      return textReader(new RegExp(`^${shape.prefix}_${ulid}$`), field, `an id ${shape.prefix}_<ULID>`);
    case 'text':
      return textReader(patterns[shape.pattern].pattern, field, patterns[shape.pattern].wanted);
    case 'enum': {
      const words = new Set<unknown>(shape.values);
      return (raw) => (words.has(raw) ? raw : invalid(field, `one of ${shape.values.join(', ')}`));
    }
    case 'flag':
      return (raw) => (typeof raw === 'boolean' ? raw : invalid(field, 'true or false'));
    case 'count':
    case 'epochMs':
    case 'durationMs':
      return (raw) => (isWholeNumber(raw) ? raw : invalid(field, 'a whole number from 0'));
    case 'micros':
      return (raw) =>
        typeof raw === 'string' && decimalMicros.test(raw)
          ? BigInt(raw)
          : invalid(field, 'a decimal string of micro-units');
    case 'nullable': {
      const inner = compileReader(shape.inner, field);
      return (raw) => (raw === null ? null : inner(raw));
    }
    case 'list': {
      const item = compileReader(shape.item, `${field}[]`);
      return (raw) => (isList(raw) ? raw.map((each) => item(each)) : invalid(field, 'a list'));
    }
    case 'object':
      return compileObjectReader(shape.fields, field);
    case 'variants': {
      const readers = eachVariant(shape.of, (fields) => compileObjectReader(fields, field));
      return (raw) => variantOf(readers, raw, field)(raw);
    }
    case 'sealed':
    case 'sealedSecret':
    case 'digest':
      return compileObjectReader(compoundFields[shape.kind], field);
  }
}

export function compileObjectReader(fields: Fields, field: string): Read {
  const members = Object.entries(fields).map(([name, shape]) => ({
    name,
    read: compileReader(shape, pathOf(field, name)),
  }));
  return (raw) => {
    if (!isRecord(raw) || Object.keys(raw).length !== members.length) return invalid(field, namesOnly(fields));
    for (const { name, read } of members) {
      const before = raw[name];
      const after = read(before);
      if (after !== before) raw[name] = after;
    }
    return raw;
  };
}

function eachVariant<Compiled>(
  of: { readonly [word: string]: Fields },
  compile: (fields: Fields) => Compiled,
): ReadonlyMap<unknown, Compiled> {
  return new Map(Object.entries(of).map(([word, fields]) => [word, compile(fields)]));
}

function variantOf<Compiled>(variants: ReadonlyMap<unknown, Compiled>, value: unknown, field: string): Compiled {
  const variant = isRecord(value) ? variants.get(value['kind']) : undefined;
  return variant ?? invalid(field, `an object whose kind is one of ${[...variants.keys()].join(', ')}`);
}

export function textReader(pattern: RegExp, field: string, wanted: string): Read {
  return (raw) => (typeof raw === 'string' && pattern.test(raw) ? raw : invalid(field, wanted));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isWholeNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function pathOf(field: string, name: string): string {
  return field === '' ? name : `${field}.${name}`;
}

function namesOnly(fields: Fields): string {
  return `an object of ${Object.keys(fields).join(', ')} and nothing else`;
}

function invalid(field: string, wanted: string): never {
  throw catalogFailures.event_field_invalid(field, wanted);
}
