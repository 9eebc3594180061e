import type { DomainEvent, DomainEventType } from '@ringfence/domain/domain-event';
import { getOrInsert } from '@ringfence/kernel/get-or-insert';
import { modes, writtenActorKinds } from '@ringfence/domain/shared/values';
import fc from 'fast-check';
import type { RecordedEnvelope } from './envelope.js';
import { eventCatalogue } from './event-catalog.js';
import { compoundFields, innerPatterns, type Shape, shapesOf, textPatterns } from './shape.js';

/** Generates, for tests, any event of a type that the catalogue accepts, made from the catalogue itself. */
function arbitraryEventOf(type: DomainEventType): fc.Arbitrary<DomainEvent> {
  const shapes = shapesOf<object>(eventCatalogue[type].fields);
  // The catalogue's types tie its shapes to the events, so what the shapes describe is an event.
  return arbitraryObject(shapes).map((fields) => ({ type, ...fields }) as DomainEvent);
}

/** Generates, for tests, any event of any type, with any envelope. */
export function arbitraryEnvelope(type: DomainEventType): fc.Arbitrary<RecordedEnvelope> {
  return getOrInsert(envelopes, type, () => makeEnvelope(type));
}

/** Arbitraries by type: making one takes longer than generating an event with it. */
const envelopes = new Map<DomainEventType, fc.Arbitrary<RecordedEnvelope>>();

function makeEnvelope(type: DomainEventType): fc.Arbitrary<RecordedEnvelope> {
  return fc.record({
    id: arbitraryId('evt'),
    logId: arbitraryId('log'),
    stream: fc.oneof(arbitraryId('acc'), fc.constant('platform')),
    version: fc.nat(),
    position: fc.nat(),
    subject: fc.oneof(arbitraryId('cs'), arbitraryId('key'), arbitraryId('acc')),
    decidedAtMs: fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
    commandId: fc.stringMatching(/^[\x20-\x7e]{1,255}$/),
    mode: fc.constantFrom(...modes),
    issuedBy: fc.record({
      kind: fc.constantFrom(...writtenActorKinds),
      id: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/),
      version: fc.nat(),
    }),
    onBehalfOf: fc.option(
      fc.record({ keyId: arbitraryId('key'), keyVersion: fc.nat(), policyHash: fc.stringMatching(/^[0-9a-f]{64}$/) }),
    ),
    presentedKeyId: fc.option(arbitraryId('key')),
    traceparent: fc.option(fc.stringMatching(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)),
    prevHash: fc.stringMatching(/^[0-9a-f]{64}$/),
    salt: fc.stringMatching(/^[0-9a-f]{32}$/),
    data: arbitraryEventOf(type),
  }) as fc.Arbitrary<RecordedEnvelope>;
}

function arbitraryOf(shape: Shape): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'id':
      return arbitraryId(shape.prefix);
    case 'text':
      return shape.pattern === 'ciphertext'
        ? fc.uint8Array({ minLength: 29, maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('base64url'))
        : fc.stringMatching({ ...textPatterns, ...innerPatterns }[shape.pattern].pattern);
    case 'enum':
      return fc.constantFrom(...shape.values);
    case 'flag':
      return fc.boolean();
    case 'micros':
      return fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
    case 'count':
    case 'epochMs':
    case 'durationMs':
      return fc.maxSafeNat();
    case 'nullable':
      return fc.option(arbitraryOf(shape.inner));
    case 'list':
      return fc.array(arbitraryOf(shape.item), { maxLength: 5 });
    case 'object':
      return arbitraryObject(shape.fields);
    case 'variants':
      return fc.oneof(...Object.values(shape.of).map(arbitraryObject));
    case 'sealed':
    case 'sealedSecret':
    case 'digest':
      return arbitraryObject(compoundFields[shape.kind]);
  }
}

function arbitraryObject(fields: { readonly [name: string]: Shape }): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(Object.fromEntries(Object.entries(fields).map(([name, shape]) => [name, arbitraryOf(shape)])));
}

const ulids = fc.stringMatching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
function arbitraryId(prefix: string): fc.Arbitrary<string> {
  return ulids.map((ulid) => `${prefix}_${ulid}`);
}
