import type { DomainEventType } from '@ringfence/domain/domain-event';
import { ceTypes, eventCatalogue, eventTypes } from './event-catalog.js';
import { compoundFields, type FieldClass, type Shape, shapesOf } from './shape.js';

/** One field of an event's data; fields of nested objects have dotted names, items of lists `[]`. */
type ListedField = { readonly name: string; readonly class: FieldClass; readonly written: string };
export type ListedEvent = {
  readonly type: DomainEventType;
  readonly ceType: string;
  readonly fields: readonly ListedField[];
};

/** Lists the catalogue for programs that document it: every event in its written version, every field, by name. */
export function listEvents(): readonly ListedEvent[] {
  return eventTypes.map((type) => ({
    type,
    ceType: ceTypes[type],
    fields: fieldsOf(shapesOf<object>(eventCatalogue[type].fields), ''),
  }));
}

function fieldsOf(shapes: { readonly [name: string]: Shape }, within: string): readonly ListedField[] {
  return Object.entries(shapes)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([name, shape]) => listed(`${within}${name}`, shape, ''));
}

function listed(name: string, shape: Shape, orNull: '' | ' or null'): readonly ListedField[] {
  switch (shape.kind) {
    case 'nullable':
      return listed(name, shape.inner, ' or null');
    case 'list':
      return shape.item.kind === 'object'
        ? listed(`${name}[]`, shape.item, orNull)
        : listed(name, shape.item, '').map((field) => ({ ...field, written: `list of ${field.written}${orNull}` }));
    case 'object':
      return fieldsOf(shape.fields, `${name}.`);
    case 'variants':
      return Object.entries(shape.of).flatMap(([word, fields]) => fieldsOf(fields, `${name}<${word}>.`));
    default:
      return [{ name, class: classOf(shape), written: writtenAs(shape) + orNull }];
  }
}

function classOf(shape: Shape): FieldClass {
  if (shape.kind === 'sealed') return 'personal';
  return shape.kind === 'digest' || shape.kind === 'sealedSecret' ? 'secret' : 'clear';
}

function writtenAs(shape: Exclude<Shape, { kind: 'nullable' | 'list' | 'object' | 'variants' }>): string {
  switch (shape.kind) {
    case 'id':
      return `id ${shape.prefix}_…`;
    case 'text':
      return shape.pattern;
    case 'enum':
      return shape.values.join(' | ');
    case 'flag':
      return 'true | false';
    case 'micros':
      return 'decimal string of micro-units';
    case 'count':
      return 'whole number';
    case 'epochMs':
      return 'ms since the epoch';
    case 'durationMs':
      return 'ms';
    case 'sealed':
    case 'sealedSecret':
    case 'digest':
      return `{ ${Object.keys(compoundFields[shape.kind]).join(', ')} }`;
  }
}
