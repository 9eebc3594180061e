import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compactDecrypt, CompactEncrypt, importJWK } from 'jose';
import { sealedHeader } from '@ringfence/wire/signed-command';
import { sealedValue } from '@ringfence/testing/signing-client';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { CommandKeys, type EncryptionJwk } from './command-keys.js';

const named = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString('base64')}`;
const keysOf = (...ring: readonly string[]) => new CommandKeys(KeyRing.parse(ring.join(','), 'spec'));
const [old, fresh] = [named('2026-01', 1), named('2026-07', 2)];
const account = 'acc_00000000000000000000000001';
const number = '+15005550100';

function firstOf(keys: CommandKeys): EncryptionJwk {
  const [jwk] = keys.jwks;
  if (jwk === undefined) throw new Error('a ring has a key');
  return jwk;
}

const sealedTo = (keys: CommandKeys) => sealedValue(number, account, firstOf(keys));

async function sealedWith(header: object): Promise<string> {
  const { kid, ...jwk } = firstOf(keysOf(old));
  return new CompactEncrypt(Buffer.from(number))
    .setProtectedHeader({ ...sealedHeader, kid, sub: account, ...header })
    .encrypt(await importJWK({ ...jwk, alg: 'ECDH-ES' }), { crit: { exp: false } });
}

describe('the keys that clients encrypt to', () => {
  it('are published with the one to use first', () => {
    expect(keysOf(fresh, old).jwks.map(({ kid }) => kid)).toEqual(['2026-07', '2026-01']);
  });

  it('open what was encrypted before a rotation, for as long as the old key stays in the ring', async () => {
    const sealed = await sealedTo(keysOf(old));
    expect(await keysOf(fresh, old).open(sealed, account)).toBe(number);
    expect(await keysOf(fresh).open(sealed, account)).toBeUndefined();
  });

  it('open what was encrypted to the new key in every process that has both, whichever comes first', async () => {
    const sealed = await sealedTo(keysOf(fresh, old));
    expect(await keysOf(old, fresh).open(sealed, account)).toBe(number);
  });

  it('are distinguished by name alone: a key under another name’s bytes opens nothing', async () => {
    const sealed = await sealedTo(keysOf(old));
    expect(await keysOf(named('2026-01', 3)).open(sealed, account)).toBeUndefined();
  });

  it('open nothing for an account that the value was not encrypted for', async () => {
    const sealed = await sealedTo(keysOf(old));
    expect(await keysOf(old).open(sealed, 'acc_00000000000000000000000002')).toBeUndefined();
  });

  it.each([
    ['one more member', { typ: 'text' }, number],
    ['an extension that has to be understood', { crit: ['exp'], exp: 1 }, undefined],
    ['compression', { zip: 'DEF' }, undefined],
    ['another encryption', { enc: 'A128GCM' }, undefined],
    ['a wrapped key', { alg: 'ECDH-ES+A256KW' }, undefined],
    ['no key’s name', { kid: undefined }, undefined],
    ['no subject', { sub: undefined }, undefined],
    ['another subject', { sub: 'acc_00000000000000000000000002' }, undefined],
    ['a subject that is no text', { sub: [account] }, undefined],
  ])('read a header with %s as the standard says', async (_what, changed, expected) => {
    expect(await keysOf(old).open(await sealedWith(changed), account)).toBe(expected);
  });

  it('open what jose opens, and nothing else, whatever happened to it on its way', async () => {
    const { kid, ...jwk } = firstOf(keysOf(old));
    const privateKey = await importJWK({ ...jwk, d: Buffer.alloc(32, 1).toString('base64url') });
    const options = { keyManagementAlgorithms: ['ECDH-ES'], contentEncryptionAlgorithms: ['A256GCM'] };
    const byJose = (jwe: string) =>
      compactDecrypt(jwe, privateKey, options).then(
        ({ plaintext, protectedHeader }) =>
          protectedHeader['sub'] === account && protectedHeader['kid'] === kid
            ? Buffer.from(plaintext).toString()
            : undefined,
        () => undefined,
      );
    const sealed = await sealedWith({});
    const [head = ''] = sealed.split('.');
    const header = Buffer.from(head, 'base64url').toString();
    const change = fc.oneof(
      fc.tuple(fc.nat(sealed.length - 1), fc.constantFrom('A', 'z', '_', '-', '.', '=', ' ', 'é', '')),
      fc.tuple(fc.nat(header.length - 1), fc.constantFrom('"', 'A', '1', '}', ',', '\u00e9', '')).map(([at, by]) => {
        const changed = Buffer.from(header.slice(0, at) + by + header.slice(at + 1)).toString('base64url');
        return sealed.replace(head, changed);
      }),
    );
    await fc.assert(
      fc.asyncProperty(change, async (by) => {
        const jwe = typeof by === 'string' ? by : sealed.slice(0, by[0]) + by[1] + sealed.slice(by[0] + 1);
        expect(await keysOf(old).open(jwe, account)).toBe(await byJose(jwe));
      }),
      { numRuns: 150 },
    );
  });
});
