import { describe, expect, it } from '@jest/globals';
import type { Id } from '@ringfence/kernel/ids';
import { BrokenInvariant } from '@ringfence/kernel/invariant';
import type { JsonObject } from '@ringfence/kernel/json';
import { durationMs, type DurationMs, micros, type Micros } from '@ringfence/kernel/units';
import type { Catalogue } from './catalogue.js';
import { dataCodec } from './data-codec.js';
import {
  type Codec,
  count,
  duration,
  flag,
  id,
  microsAmount,
  nullable,
  objectOf,
  oneOf,
  text,
  variantsOf,
} from './shape.js';

/** An event with a past: version 1 counted seconds, version 2 had no tip. */
type LampLit = {
  readonly type: 'LampLit';
  readonly lampId: Id<'lamp'>;
  readonly litForMs: DurationMs;
  readonly tipMicros: Micros | null;
};

const lampCatalogue: Catalogue<LampLit> = {
  LampLit: {
    name: 'lamp.lit',
    version: 3,
    fields: { lampId: id('lamp'), litForMs: duration, tipMicros: nullable(microsAmount) },
    upcasters: [secondsToMilliseconds, (data) => ({ ...data, tipMicros: null })],
  },
};

function secondsToMilliseconds({ litForSeconds, ...data }: JsonObject): JsonObject {
  return { ...data, litForMs: Number(litForSeconds) * 1_000 };
}

const lampId = 'lamp_01ARZ3NDEKTSV4RRFFQ69G5FAV';
const lit = { type: 'LampLit', lampId: lampId as Id<'lamp'>, litForMs: durationMs(5_000) } as const;
const codec = dataCodec<LampLit>(lampCatalogue);

describe('an event of an older version', () => {
  it.each([
    { version: 1, written: { lampId, litForSeconds: 5 }, read: { ...lit, tipMicros: null } },
    { version: 2, written: { lampId, litForMs: 5_000 }, read: { ...lit, tipMicros: null } },
    { version: 3, written: { lampId, litForMs: 5_000, tipMicros: '7' }, read: { ...lit, tipMicros: micros(7n) } },
  ])('is brought up to the current one, step by step, from version $version', ({ version, written, read }) => {
    expect(codec.read(`ringfence.lamp.lit.v${String(version)}`, written)).toEqual(read);
  });

  it('is checked as strictly as one of today', () => {
    expect(() => codec.read('ringfence.lamp.lit.v1', { lampId, litForSeconds: 'long' })).toThrow('litForMs must be');
  });

  it('is written in the current version only', () => {
    const event: LampLit = { ...lit, tipMicros: micros(-7n) };
    expect(codec.ceTypeOf(event)).toBe('ringfence.lamp.lit.v3');
    expect(codec.write(event)).toBe(`{"lampId":"${lampId}","litForMs":5000,"tipMicros":"-7"}`);
  });

  it('of a version that is not written yet stops the reader', () => {
    expect(() => codec.read('ringfence.lamp.lit.v4', {})).toThrow(
      expect.objectContaining({ code: 'event_version_unknown', retryable: false }),
    );
  });
});

describe('a catalogue', () => {
  type Two = { readonly type: 'One' } | { readonly type: 'Other' };
  const one = { name: 'a.one', version: 1, fields: {} };

  it.each([
    { rule: 'names two events alike', One: one, Other: one },
    { rule: 'has fewer upcasters than older versions', One: one, Other: { name: 'a.other', version: 2, fields: {} } },
    { rule: 'has a name that is not <context>.<fact>', One: one, Other: { name: 'Other', version: 1, fields: {} } },
  ])('that $rule does not start', ({ One, Other }) => {
    expect(() => dataCodec<Two>({ One, Other })).toThrow(BrokenInvariant);
  });

  it('does not compile without a codec that is exactly right for each field', () => {
    type Fact = {
      readonly type: 'Fact';
      readonly amountMicros: Micros;
      readonly lengthMs: DurationMs;
      readonly word: 'a' | 'b';
      readonly free: string;
      readonly gone: Micros | null;
    };
    const right: Catalogue<Fact>['Fact']['fields'] = {
      amountMicros: microsAmount,
      lengthMs: duration,
      word: oneOf(['a', 'b']),
      free: text('label'),
      gone: nullable(microsAmount),
    };
    // @ts-expect-error -- a field without a codec
    const unmarked: typeof right = {
      amountMicros: microsAmount,
      lengthMs: duration,
      word: oneOf(['a', 'b']),
      free: text('label'),
    };
    // @ts-expect-error -- a number that is not that unit
    const otherUnit: typeof right = { ...right, lengthMs: count };
    // @ts-expect-error -- a word that is missing
    const fewerWords: typeof right = { ...right, word: oneOf(['a']) };
    // @ts-expect-error -- null that is not written
    const neverNull: typeof right = { ...right, gone: microsAmount };
    // @ts-expect-error -- text of no named pattern
    const prose: Codec<string> = text('anything');
    expect([unmarked, otherUnit, fewerWords, neverNull, prose]).toHaveLength(5);
  });
});

type Fuel = { readonly kind: 'oil'; readonly litres: number } | { readonly kind: 'gas'; readonly metered: boolean };
type LampFuelled = { readonly type: 'LampFuelled'; readonly fuel: Fuel };
const fuels = dataCodec<LampFuelled>({
  LampFuelled: {
    name: 'lamp.fuelled',
    version: 1,
    fields: {
      fuel: variantsOf<Fuel>({
        oil: objectOf<Extract<Fuel, { kind: 'oil' }>>({ kind: oneOf(['oil']), litres: count }),
        gas: objectOf<Extract<Fuel, { kind: 'gas' }>>({ kind: oneOf(['gas']), metered: flag }),
      }),
    },
  },
});

describe('one of several objects', () => {
  it.each<[Fuel, string]>([
    [{ kind: 'oil', litres: 2 }, '{"fuel":{"kind":"oil","litres":2}}'],
    [{ kind: 'gas', metered: true }, '{"fuel":{"kind":"gas","metered":true}}'],
  ])('is written as the one that it is: %j', (fuel, json) => {
    expect(fuels.write({ type: 'LampFuelled', fuel })).toBe(json);
    expect(fuels.read('ringfence.lamp.fuelled.v1', JSON.parse(json))).toEqual({ type: 'LampFuelled', fuel });
  });

  it.each([
    { kind: 'oil', metered: true },
    { kind: 'oil', litres: 2, metered: true },
    { kind: 'wax' },
    {},
    null,
    'oil',
  ])('is nothing between them: %j', (fuel) => {
    expect(() => fuels.read('ringfence.lamp.fuelled.v1', { fuel })).toThrow('fuel');
  });
});
