import { createCipheriv, createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compactDecrypt, CompactEncrypt, exportJWK, importJWK } from 'jose';
import { openSealedValue, publicKeyOf, readSealedValue, sealValue } from './sealed-value.js';
import { sealedHeader } from './signed-command.js';

const runs = { numRuns: 40 };
const { privateKey, publicKey } = generateKeyPairSync('x25519');
const subject = 'acc_00000000000000000000000001';
const header = { ...sealedHeader, kid: 'spec', sub: subject };
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });

async function sealedByJose(clear: string, changed: object = {}): Promise<string> {
  const key = await importJWK({ ...(await exportJWK(publicKey)), alg: 'ECDH-ES' });
  return new CompactEncrypt(Buffer.from(clear)).setProtectedHeader({ ...header, ...changed }).encrypt(key);
}

function opened(jwe: string, key: KeyObject): string | undefined {
  const value = readSealedValue(jwe);
  return value === undefined ? undefined : openSealedValue(value, key);
}

/** Written out by RFC 7518 §4.6.2 for A256GCM, and nothing of what it tests. */
function sealedWithSecret(secret: Buffer, epk: string, clear: string): string {
  const info = '00000007' + Buffer.from('A256GCM').toString('hex') + '00000000' + '00000000' + '00000100';
  const key = createHash('sha256').update('00000001', 'hex').update(secret).update(info, 'hex').digest();
  const head = Buffer.from(JSON.stringify({ ...header, epk: { kty: 'OKP', crv: 'X25519', x: epk } }));
  const [iv, encoded] = [Buffer.alloc(12, 7), head.toString('base64url')];
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(encoded));
  const ciphertext = Buffer.concat([cipher.update(clear), cipher.final()]);
  return [encoded, '', ...[iv, ciphertext, cipher.getAuthTag()].map((each) => each.toString('base64url'))].join('.');
}

/** Lengthens base64url to a number of characters that no number of bytes has. */
function unwhole(part: string): string {
  return `${part}${'A'.repeat((5 - (part.length % 4)) % 4)}`;
}

function privateKeyOf(hex: string): KeyObject {
  const der = Buffer.from(`302e020100300506032b656e04220420${hex}`, 'hex');
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

describe('a sealed value', () => {
  it('that jose wrote is opened', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (clear) => {
        expect(opened(await sealedByJose(clear), privateKey)).toBe(clear);
      }),
      runs,
    );
  });

  it('is opened by jose', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (clear) => {
        const { plaintext, protectedHeader } = await compactDecrypt(
          sealValue(clear, { kid: 'spec', key: publicKey }, subject),
          privateKey,
        );
        expect(Buffer.from(plaintext).toString()).toBe(clear);
        expect(protectedHeader).toMatchObject(header);
      }),
      runs,
    );
  });

  it('agrees on the secret of RFC 8037, appendix A.6', () => {
    const bob = privateKeyOf('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
    const secret = Buffer.from('4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742', 'hex');
    const epk = 'hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo';
    expect(opened(sealedWithSecret(secret, epk, '+15005550006'), bob)).toBe('+15005550006');
  });

  it.each([
    ['0', '0000000000000000000000000000000000000000000000000000000000000000'],
    ['1', '0100000000000000000000000000000000000000000000000000000000000000'],
    ['of order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
    ['of order 8, the other', '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'],
    ['p - 1', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['p', 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['p + 1', 'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
  ])('with a sender’s key that makes the secret zero is refused: %s', (_which, point) => {
    const epk = Buffer.from(point, 'hex').toString('base64url');
    const jwe = sealedWithSecret(Buffer.alloc(32), epk, '+15005550006');
    expect(readSealedValue(jwe)).toMatchObject({ epk });
    expect(() => opened(jwe, privateKey)).toThrow();
    expect(() => sealValue('+15005550006', { kid: 'spec', key: publicKeyOf(epk) }, subject)).toThrow();
  });

  it('that was changed in any part is refused', () => {
    const jwe = sealValue('+15005550006', { kid: 'spec', key: publicKey }, subject);
    const parts = jwe.split('.');
    const changed = [0, 2, 3, 4].map((at) =>
      parts.map((part, of) => (of === at ? `${part.startsWith('A') ? 'B' : 'A'}${part.slice(1)}` : part)).join('.'),
    );
    expect(new Set(changed).size).toBe(4);
    for (const each of changed) {
      const value = readSealedValue(each);
      if (value !== undefined) expect(() => openSealedValue(value, privateKey)).toThrow();
    }
  });

  it('that is no valid UTF-8 is refused', async () => {
    const key = await importJWK({ ...(await exportJWK(publicKey)), alg: 'ECDH-ES' });
    const jwe = await new CompactEncrypt(Uint8Array.of(0xff)).setProtectedHeader(header).encrypt(key);
    expect(() => opened(jwe, privateKey)).toThrow();
  });

  it.each([
    ['a part too many', (jwe: string) => `${jwe}.AAAA`],
    ['an encrypted key', (jwe: string) => jwe.replace('..', '.AAAA.')],
    ['a tag of another length', (jwe: string) => jwe.slice(0, -2)],
    ['padding', (jwe: string) => `${jwe}==`],
    ['a header of no whole bytes', (jwe: string) => jwe.replace(/^[^.]+/, unwhole)],
    ['a text of no whole bytes', (jwe: string) => jwe.replace(/(?<=\.\.[^.]+\.)[^.]+/, unwhole)],
  ])('is not read with %s', (_what, change) => {
    const jwe = sealValue('+15005550006', { kid: 'spec', key: publicKey }, subject);
    expect(readSealedValue(jwe)).toBeDefined();
    expect(readSealedValue(change(jwe))).toBeUndefined();
  });

  it.each([{ typ: 'text' }, { enc: 'A128GCM' }, { alg: 'ECDH-ES+A128KW' }, { zip: 'DEF' }, { kid: undefined }])(
    'is left to a full implementation with the header %j',
    async (changed) => {
      expect(readSealedValue(await sealedByJose('+15005550006', changed))).toBeUndefined();
    },
  );
});
