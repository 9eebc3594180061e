import { describe, expect, it } from '@jest/globals';
import { exampleKeyIssued, nine } from '@ringfence/testing/examples';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { addDuration, durationMs } from '@ringfence/kernel/units';
import { PackedLines } from '@ringfence/runtime/packed-lines';
import type { KeyId } from '@ringfence/kernel/ids';
import fc from 'fast-check';
import type { KeyEntry } from './key-entry.js';
import { KeyTable, type PackedKeys } from './key-table.js';

const ids = new PredictableIds();
const keyIds = Array.from({ length: 6 }, () => ids.keyId());
const digest = (number: number) => ({
  pepperId: `p${String(number % 2)}`,
  hmacSha256: String(number).padStart(64, '0'),
});

/** An entry of a key; the number differs between its versions, and with it its digests. */
function entryOf(keyId: KeyId, number: number): KeyEntry {
  const { accountId, mode, policy, policyHash } = exampleKeyIssued({ sourceCidrs: ['192.0.2.0/24'] }, keyId);
  const previous = number % 3 === 0 ? { digest: digest(number - 1), untilMs: nine } : null;
  return {
    ...{ keyId, accountId, mode, parentKeyId: null, keyVersion: number, policy, policyHash },
    credential:
      number % 5 === 4
        ? { kind: 'ed25519', publicKey: String(number) }
        : { kind: 'secret', digest: digest(number), previous },
    state:
      number % 4 === 3
        ? { status: 'revoked', revokedAtMs: addDuration(nine, durationMs(number)) }
        : { status: 'active' },
  };
}

function packed(entries: readonly KeyEntry[]): PackedKeys {
  const lines = new PackedLines({ indexes: { keyId: [0], digest: [1, 2] }, distinct: [3, 4], mark: 5 });
  const known = new Map<string, KeyEntry>(entries.map((entry) => [entry.keyId, entry]));
  for (const { keyId, credential, state } of entries) {
    const digests = credential.kind === 'secret' ? [credential.digest, credential.previous?.digest] : [undefined];
    const column = (field: 'hmacSha256' | 'pepperId') => [0, 1].map((at) => digests[at]?.[field] ?? '');
    const revoked = state.status === 'revoked' ? String(state.revokedAtMs) : '';
    lines.add(`${[keyId, ...column('hmacSha256'), ...column('pepperId'), revoked].join('\t')}\n`);
  }
  return {
    lines,
    keyIdOf: ([keyId]) => keyId as KeyId,
    // A new object each time, as one made of text.
    entryOf: ([keyId = '']) => ({ ...(known.get(keyId) ?? entryOf(ids.keyId(), 0)) }),
    revoked: [],
  };
}

type Change = { readonly kind: 'put' | 'delete' | 'look'; readonly key: number; readonly number: number };
const changes = fc.array(
  fc.record<Change>({
    kind: fc.constantFrom('put', 'delete', 'look'),
    key: fc.nat({ max: 5 }),
    number: fc.nat({ max: 40 }),
  }),
);

describe('a table of keys', () => {
  it('answers from text as it does from entries, whatever changes, and whatever was used before', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 5 })), changes, (known, all) => {
        const entries = known.map((key) => entryOf(keyIds[key] ?? ids.keyId(), 100 + key * 10));
        const [table, reference] = [new KeyTable(), new KeyTable()];
        table.replace(packed(entries));
        for (const entry of entries) reference.put(entry);
        for (const { kind, key, number } of all) {
          const keyId = keyIds[key] ?? ids.keyId();
          // The digests of two keys never collide.
          const entry = entryOf(keyId, key * 100_000 + number);
          if (kind === 'look') expect(table.get(keyId)?.entry).toEqual(reference.get(keyId)?.entry);
          else
            for (const each of [table, reference]) {
              if (kind === 'put') each.put(entry);
              else each.delete(keyId);
            }
        }
        expect(table.size).toBe(reference.size);
        expect([...table.ids()].sort()).toEqual([...reference.ids()].sort());
        for (const keyId of keyIds) expect(table.get(keyId)?.entry).toEqual(reference.get(keyId)?.entry);
        for (const { credential } of entries) {
          if (credential.kind !== 'secret') continue;
          for (const each of [credential.digest, credential.previous?.digest])
            if (each !== undefined) expect(table.holderOf(each)?.entry).toEqual(reference.holderOf(each)?.entry);
        }
      }),
    );
  });

  it('keeps the entry of a key that is in use, so that what is derived from it is kept too', () => {
    const table = new KeyTable();
    const entry = entryOf(ids.keyId(), 3);
    table.replace(packed([entry]));
    const held = table.holderOf(digest(3));
    expect(held?.entry).toEqual(entry);
    expect(held?.sources?.allows('192.0.2.1')).toBe(true);
    expect([table.holderOf(digest(2)), table.get(entry.keyId)]).toEqual([held, held]);
    expect(table.get(entry.keyId)).toBe(held);
  });

  it('keeps no entry of a key that others were used after, however many they are', () => {
    const table = new KeyTable();
    const entries = Array.from({ length: 20_000 }, (_, at) => entryOf(ids.keyId(), at * 15 + 1));
    table.replace(packed(entries));
    const [first] = entries;
    if (first === undefined) throw new Error('there is a first one');
    const held = table.get(first.keyId);
    for (const { keyId } of entries.slice(0, 2_000)) table.get(keyId);
    expect(table.get(first.keyId)).toBe(held);
    for (const { keyId } of entries.slice(1)) table.get(keyId);
    expect(table.get(first.keyId)).not.toBe(held);
    expect(table.get(first.keyId)?.entry).toEqual(first);
  });

  it('is the new one alone once it is replaced', () => {
    const table = new KeyTable();
    const [before, after] = [entryOf(ids.keyId(), 1), entryOf(ids.keyId(), 2)];
    table.put(before);
    table.replace(packed([after]));
    expect([table.size, table.get(before.keyId), table.holderOf(digest(1))]).toEqual([1, undefined, undefined]);
    expect([...table.pepperIds]).toEqual(['p0']);
    table.replace(null);
    expect([table.size, table.get(after.keyId), [...table.pepperIds]]).toEqual([0, undefined, []]);
  });
});
