import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SealedText } from '@ringfence/domain/shared/values';
import type { AccountId, OperationId, SubjectId } from '@ringfence/kernel/ids';
import fc from 'fast-check';
import type { SubjectVault } from './subject-vault.js';

const account = 'acc_00000000000000000000000001' as AccountId;
const neighbour = 'acc_00000000000000000000000002' as AccountId;

let valuesMade = 0;
/** A value that no other test has. */
function newValue(): string {
  valuesMade += 1;
  return `+1555${String(valuesMade).padStart(7, '0')} of test ${String(valuesMade)}`;
}

type VaultUnderTest = { readonly vault: SubjectVault; readonly close: () => Promise<void> };

/** Runs the contract of every SubjectVault. */
export function subjectVaultContract(name: string, make: () => Promise<VaultUnderTest>): void {
  describe(`the subject vault ${name}`, () => {
    let vault: SubjectVault;
    let close: VaultUnderTest['close'];

    beforeAll(async () => {
      ({ vault, close } = await make());
    });
    afterAll(() => close());

    it('opens what it sealed, in the order asked, each as often as asked', async () => {
      const values = [newValue(), newValue(), newValue()];
      const sealed = await Promise.all(values.map((value) => vault.seal(account, value)));
      const asked = [2, 0, 1, 0].map((at) => sealed[at]).filter((each) => each !== undefined);
      expect(await vault.open(asked)).toEqual([values[2], values[0], values[1], values[0]]);
      expect(await vault.open([])).toEqual([]);
    });

    it('opens any text of any script', async () => {
      const texts = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).map((text) => text.normalize('NFC'));
      const fit = texts.filter((text) => text !== '' && !text.includes('\0'));
      await fc.assert(
        fc.asyncProperty(fit, async (value) => {
          expect(await vault.open([await vault.seal(account, value)])).toEqual([value]);
        }),
        { numRuns: 40 },
      );
    });

    it('shows nothing of the value', async () => {
      const value = newValue();
      const { ciphertext } = await vault.seal(account, value);
      expect(ciphertext).toMatch(/^[A-Za-z0-9_-]{39,}$/);
      expect(Buffer.from(ciphertext, 'base64url').toString('latin1')).not.toContain('555');
    });

    it('knows a value again within its account, and nowhere else', async () => {
      const value = newValue();
      const sealed = await vault.seal(account, value);
      const elsewhere = await vault.seal(neighbour, value);
      expect(await vault.seal(account, value)).toEqual(sealed);
      expect(elsewhere.subjectId).not.toBe(sealed.subjectId);
      expect(elsewhere.ciphertext).not.toBe(sealed.ciphertext);
      expect(await vault.find(account, value)).toBe(sealed.subjectId);
      expect(await vault.find(neighbour, value)).toBe(elsewhere.subjectId);
      expect(await vault.find(account, newValue())).toBeUndefined();
    });

    it('knows whose a subject is, until it is erased', async () => {
      const { subjectId } = await vault.seal(account, newValue());
      expect(await vault.has(account, subjectId)).toBe(true);
      expect(await vault.has(neighbour, subjectId)).toBe(false);
      expect(await vault.has(account, 'sub_7ZZZZZZZZZZZZZZZZZZZZZZZZZ' as SubjectId)).toBe(false);
      await vault.erase(neighbour, subjectId);
      expect(await vault.has(account, subjectId)).toBe(true);
      await vault.erase(account, subjectId);
      expect(await vault.has(account, subjectId)).toBe(false);
    });

    it('makes one subject of a value that many seal at once', async () => {
      const value = newValue();
      const sealed = await Promise.all(Array.from({ length: 200 }, () => vault.seal(account, value)));
      expect(new Set(sealed.map(({ subjectId, ciphertext }) => `${subjectId} ${ciphertext}`)).size).toBe(1);
    });

    it('forgets an erased value for good: a value sealed again is somebody new', async () => {
      const value = newValue();
      const kept = await vault.seal(account, newValue());
      const sealed = await vault.seal(account, value);
      await vault.erase(account, sealed.subjectId);
      expect((await vault.open([sealed, kept]))[0]).toBeNull();
      expect((await vault.open([sealed, kept]))[1]).not.toBeNull();
      expect(await vault.find(account, value)).toBeUndefined();
      const again = await vault.seal(account, value);
      expect(again.subjectId).not.toBe(sealed.subjectId);
      expect(await vault.open([sealed, again])).toEqual([null, value]);
    });

    it('does nothing when it erases what it does not know, has erased, or has of another account', async () => {
      const value = newValue();
      const sealed = await vault.seal(account, value);
      await vault.erase(neighbour, sealed.subjectId);
      await vault.erase(account, 'sub_7ZZZZZZZZZZZZZZZZZZZZZZZZZ' as SubjectId);
      expect(await vault.open([sealed])).toEqual([value]);
      await vault.erase(account, sealed.subjectId);
      await vault.erase(account, sealed.subjectId);
      expect(await vault.open([sealed])).toEqual([null]);
    });

    it('gives a value sealed after an erasure to somebody who is not erased, however many seal and erase at once', async () => {
      const values = [newValue(), newValue(), newValue()];
      const seals: Promise<SealedText>[] = [];
      for (let round = 0; round < 20; round += 1) {
        const sealed = await Promise.all(values.map((value) => vault.seal(account, value)));
        const erasures = sealed.map(({ subjectId }) => vault.erase(account, subjectId));
        seals.push(...values.map((value) => vault.seal(account, value)));
        await Promise.all(erasures);
        const after = await Promise.all(values.map((value) => vault.seal(account, value)));
        expect(await vault.open(after)).toEqual(values);
      }
      const opened = await vault.open(await Promise.all(seals));
      expect(opened.filter((value) => value !== null && !values.includes(value))).toEqual([]);
    });

    it('hands a deposited value over once', async () => {
      const [one, other] = ['op_00000000000000000000000001', 'op_00000000000000000000000002'] as OperationId[];
      if (one === undefined || other === undefined) throw new RangeError('two operations');
      await vault.deposit(one, '1234#');
      await vault.deposit(other, '1234#');
      expect(await vault.claim(one)).toBe('1234#');
      expect(await vault.claim(one)).toBeNull();
      expect(await vault.claim(other)).toBe('1234#');
      expect(await vault.find(account, '1234#')).toBeUndefined();
    });

    it('hands it to one of many who claim it at once', async () => {
      const operation = 'op_00000000000000000000000003' as OperationId;
      await vault.deposit(operation, '99');
      const claimed = await Promise.all(Array.from({ length: 20 }, () => vault.claim(operation)));
      expect(claimed.filter((value) => value !== null)).toEqual(['99']);
    });

    it.each([
      ['nothing', ''],
      ['too much', 'x'.repeat(2_049)],
      ['U+0000', 'a\0b'],
      ['half a character', 'a\ud800'],
      ['text that is not NFC', 'Ame\u0301lie'],
    ])('refuses %s, and does not repeat it', async (_what, value) => {
      const refused = { code: 'personal_value_invalid', retryable: false };
      await expect(vault.seal(account, value)).rejects.toMatchObject(refused);
      await expect(vault.find(account, value)).rejects.toMatchObject(refused);
    });

    it('says so when a sealed text was tampered with, or is another subject’s', async () => {
      const [one, other] = [await vault.seal(account, newValue()), await vault.seal(account, newValue())];
      const broken = { code: 'sealed_text_broken', retryable: false };
      const flipped = (one.ciphertext.startsWith('A') ? 'B' : 'A') + one.ciphertext.slice(1);
      await expect(vault.open([{ ...one, ciphertext: flipped }])).rejects.toMatchObject(broken);
      await expect(vault.open([{ ...one, ciphertext: other.ciphertext }])).rejects.toMatchObject(broken);
      await expect(vault.open([{ ...one, ciphertext: 'AAAA' }])).rejects.toMatchObject(broken);
    });
  });
}
