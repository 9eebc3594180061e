import type { PipeTransform } from '@nestjs/common';
import { inOneForm } from '@ringfence/wire/field-rule';
import { getMetadataStorage, validateSync } from 'class-validator';
import { edgeProblem } from '../problem.js';
import { invalidFields } from './invalid-fields.js';
import { keepValidationMetadata } from './validation-metadata.js';

type Dto = new () => object;

/**
 * Validates a body by its class: an object, known fields only, every field valid. Text is converted to Unicode
 * normalisation form C. A body may be the bare object or `{"data": {…}}`.
 * @throws HttpProblem `validation_failed`, which names the fields
 */
export function validatedBody<Body extends object>(dto: new () => Body): PipeTransform<unknown, Body> {
  const read = reader(dto, 'body');
  return { transform: (value) => read(unwrapped(value ?? {})) };
}

/**
 * Validates a query: known parameters only, each once unless it is a list. Every value is text, so numbers and flags
 * are parsed as their field expects.
 */
export function validatedQuery<Query extends object>(dto: new () => Query): PipeTransform<unknown, Query> {
  const read = reader(dto, 'query');
  const kinds = queryKinds(dto);
  return {
    transform: (value) => {
      const given = typeof value === 'object' && value !== null ? value : {};
      // Without a prototype, so that `__proto__` is an ordinary name.
      const typed = Object.create(null) as Record<string, unknown>;
      for (const [name, text] of Object.entries(given)) typed[name] = fromText(text, kinds.get(name));
      return read(typed);
    },
  };
}

keepValidationMetadata(getMetadataStorage());

const options = {
  forbidUnknownValues: false,
  stopAtFirstError: true,
  validationError: { target: false, value: false },
};

function reader<Read extends object>(dto: new () => Read, place: 'body' | 'query'): (value: unknown) => Read {
  const fields = new Set(fieldsOf(dto).map(({ propertyName }) => propertyName));
  const kinds = queryKinds(dto);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw edgeProblem('validation_failed', 'the body must be a JSON object', {
        errors: [{ in: place, path: [], rule: 'object', detail: 'is a JSON object' }],
      });
    }
    const read = new dto();
    const unknown: string[] = [];
    const repeated: string[] = [];
    for (const [name, given] of Object.entries(value)) {
      // The library's own whitelist would accept `__proto__` and `toString`.
      if (!fields.has(name)) unknown.push(name);
      // A parameter that occurs more than once in a query has a list of values.
      else if (place === 'query' && Array.isArray(given) && !isListKind(kinds.get(name))) repeated.push(name);
      else Object.assign(read, { [name]: inOneForm(given) });
    }
    const judged = validateSync(read, options);
    const wrong = repeated.length === 0 ? judged : judged.filter(({ property }) => !repeated.includes(property));
    if (wrong.length > 0 || unknown.length > 0 || repeated.length > 0)
      throw invalidFields({ wrong, unknown, repeated }, place);
    return read;
  };
}

function unwrapped(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !('data' in value)) return value;
  return Object.keys(value).length === 1 && typeof value.data === 'object' ? value.data : value;
}

type QueryKind = 'integer' | 'boolean' | 'e164' | 'choices' | 'list';

/** Query fields that are not text, by the name of their validator. */
function queryKinds(dto: Dto): ReadonlyMap<string, QueryKind> {
  const kinds = new Map<string, QueryKind>();
  for (const { name, propertyName } of fieldsOf(dto)) {
    if (name === 'integer' || name === 'boolean' || name === 'e164' || name === 'choices' || name === 'list')
      kinds.set(propertyName, name);
  }
  return kinds;
}

function isListKind(kind: QueryKind | undefined): boolean {
  return kind === 'choices' || kind === 'list';
}

function fieldsOf(dto: Dto) {
  return getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
}

function fromText(text: unknown, kind: QueryKind | undefined): unknown {
  if (kind === 'integer' && typeof text === 'string' && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (kind === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if (isListKind(kind) && typeof text === 'string') return [text];
  // An unescaped `+` is a space in a query, and no number begins with a space.
  if (kind === 'e164' && typeof text === 'string') return text.replace(/^ /, '+');
  return text;
}
