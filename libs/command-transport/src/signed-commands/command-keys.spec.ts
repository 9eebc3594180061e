import { describe, expect, it } from '@jest/globals';
import { sealedValue } from '@ringfence/testing/signing-client';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { CommandKeys } from './command-keys.js';

const named = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString('base64')}`;
const keysOf = (...ring: readonly string[]) => new CommandKeys(KeyRing.parse(ring.join(','), 'spec'));
const [old, fresh] = [named('2026-01', 1), named('2026-07', 2)];
const account = 'acc_00000000000000000000000001';
const number = '+15005550100';

async function sealedTo(keys: CommandKeys): Promise<string> {
  const [jwk] = keys.jwks;
  if (jwk === undefined) throw new Error('a ring has a key');
  return sealedValue(number, account, jwk);
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
});
