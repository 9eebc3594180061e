import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { examplePublicKey } from '@ringfence/testing/examples';
import { publicKeyFault } from './public-key.js';

const prime = 2n ** 255n - 19n;
/** 32 bytes, the least significant first. */
function written(value: bigint): string {
  const hex = value.toString(16).padStart(64, '0');
  return Buffer.from(hex, 'hex').reverse().toString('base64url');
}

describe('a public key', () => {
  it('is taken when a library made it', () => {
    expect(publicKeyFault(examplePublicKey)).toBeUndefined();
    for (let pair = 0; pair < 50; pair += 1) {
      const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
      expect([x, publicKeyFault(x ?? '')]).toEqual([x, undefined]);
    }
  });

  it.each([
    ['', 'nothing'],
    [`${examplePublicKey}=`, 'padding'],
    [examplePublicKey.slice(1), 'a letter too few'],
    [`A${examplePublicKey}`, 'a letter too many'],
    [`${examplePublicKey.slice(0, -1)}p`, 'bits behind the last byte'],
    [examplePublicKey.replace('_', '/'), 'letters of plain base64'],
  ])('is not %j: %s', (publicKey) => {
    expect(publicKeyFault(publicKey)).toMatch(/32 bytes as base64url/);
  });

  it('is a point of the curve: every other y has no x', () => {
    const ys = Array.from({ length: 100 }, (_, at) => BigInt(at) + 2n);
    const points = ys.filter((y) => publicKeyFault(written(y)) === undefined);
    // Computed apart, with another program.
    expect(points.slice(0, 8)).toEqual([3n, 4n, 5n, 6n, 9n, 10n, 14n, 15n]);
    expect(publicKeyFault(written(2n))).toMatch(/no point of the curve/);
  });

  it('is written in the one way there is', () => {
    // The same point with y + p, which still fits in 255 bits, and x = 0 with the sign of an odd x.
    expect(publicKeyFault(written(3n + prime))).toMatch(/no point of the curve/);
    expect(publicKeyFault(written(1n + 2n ** 255n))).toMatch(/no point of the curve/);
  });

  it('proves something: the eight points of small order, under which anybody can sign, are turned down', () => {
    const order8 = [
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    ];
    const withSign = (hex: string) => `${hex.slice(0, -2)}${(parseInt(hex.slice(-2), 16) | 0x80).toString(16)}`;
    const small = [
      written(0n),
      written(2n ** 255n),
      written(1n),
      written(prime - 1n),
      ...order8.flatMap((hex) => [hex, withSign(hex)]).map((hex) => Buffer.from(hex, 'hex').toString('base64url')),
    ];
    expect(new Set(small).size).toBe(8);
    for (const publicKey of small) expect(publicKeyFault(publicKey)).toMatch(/small order/);
  });
});
