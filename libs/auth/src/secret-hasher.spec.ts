import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { mintSecret } from './key-secret.js';
import { sameDigest, SecretHasher } from './secret-hasher.js';

const pepper = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;

describe('a key ring', () => {
  it('makes with its first key and reads with all', () => {
    const ring = KeyRing.parse(`${pepper('new')}, ${pepper('old')}`, 'RINGFENCE_PEPPER');
    expect(ring.current.id).toBe('new');
    expect(ring.all.map((key) => key.id)).toEqual(['new', 'old']);
    expect(ring.find('old')?.bytes).toHaveLength(32);
    expect(ring.find('other')).toBeUndefined();
  });

  it.each([
    '',
    'a',
    'a:',
    `a:${randomBytes(31).toString('base64')}`,
    `:${randomBytes(32).toString('base64')}`,
    'a:!'.padEnd(46, 'x'),
  ])('refuses %j in one line that does not repeat it', (text) => {
    expect(() => KeyRing.parse(text, 'RINGFENCE_PEPPER')).toThrow('RINGFENCE_PEPPER is id:base64 of 32 bytes');
  });

  it('refuses one name for two keys, and more keys than anybody needs', () => {
    expect(() => KeyRing.parse(`${pepper('a')},${pepper('a')}`, 'P')).toThrow('names each key once');
    expect(() => KeyRing.parse(Array.from({ length: 9 }, (_, at) => pepper(String(at))).join(), 'P')).toThrow(
      '1 to 8 keys',
    );
  });

  it('shows nothing of its keys when it is printed', () => {
    const ring = KeyRing.parse(pepper('a'), 'P');
    expect([JSON.stringify(ring), inspect(ring, { depth: 9 })]).toEqual(['{}', 'KeyRing {}']);
  });
});

describe('a secret', () => {
  it('has one digest under each pepper, and a new pepper recognises what an old one digested', () => {
    const [old, fresh] = [pepper('old'), pepper('new')];
    const secret = mintSecret('live');
    const kept = new SecretHasher(KeyRing.parse(old, 'P')).digestOf(secret);
    const rotated = new SecretHasher(KeyRing.parse(`${fresh},${old}`, 'P'));
    expect(rotated.digestOf(secret).pepperId).toBe('new');
    expect([...rotated.digestsOf(secret)].some((digest) => sameDigest(digest, kept))).toBe(true);
  });

  it('has another digest than any other secret, and than under another pepper of the same name', () => {
    const hasher = new SecretHasher(KeyRing.parse(pepper('a'), 'P'));
    const secret = mintSecret('live');
    expect(sameDigest(hasher.digestOf(secret), hasher.digestOf(secret))).toBe(true);
    expect(sameDigest(hasher.digestOf(secret), hasher.digestOf(mintSecret('live')))).toBe(false);
    expect(
      sameDigest(hasher.digestOf(secret), new SecretHasher(KeyRing.parse(pepper('a'), 'P')).digestOf(secret)),
    ).toBe(false);
  });
});
