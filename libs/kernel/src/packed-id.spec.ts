import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CallId } from './ids.js';
import { packedId, unpackedId } from './packed-id.js';

const sign = fc.constantFrom(...Array.from('0123456789ABCDEFGHJKMNPQRSTVWXYZ'));
const callId = fc
  .tuple(fc.constantFrom(...Array.from('01234567')), fc.array(sign, { minLength: 25, maxLength: 25 }))
  .map(([first, rest]) => `cs_${first}${rest.join('')}` as CallId);

describe('a packed id', () => {
  it('is the 128 bits of the ULID', () => {
    expect(packedId('cs_00000000000000000000000001' as CallId)).toBe('00000000000000000000000000000001');
    expect(packedId('cs_7ZZZZZZZZZZZZZZZZZZZZZZZZZ' as CallId)).toBe('ffffffffffffffffffffffffffffffff');
    expect(packedId('cs_01ARZ3NDEKTSV4RRFFQ69G5FAV' as CallId)).toBe('01563e3ab5d3d6764c61efb99302bd5b');
  });

  it('is unpacked to the same id, with or without hyphens', () => {
    fc.assert(
      fc.property(callId, (id) => {
        const packed = packedId(id);
        expect(packed).toMatch(/^[0-9a-f]{32}$/);
        expect(unpackedId('cs', packed)).toBe(id);
        expect(unpackedId('cs', packed.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'))).toBe(id);
      }),
    );
  });

  it('is ordered as ids are', () => {
    fc.assert(
      fc.property(callId, callId, (one, other) => {
        expect(packedId(one) < packedId(other)).toBe(one < other);
      }),
    );
  });

  it('is made of nothing but an id', () => {
    expect(() => packedId('platform' as CallId)).toThrow('an id ends with a ULID');
  });
});
