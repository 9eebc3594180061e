import { describe, expect, it } from '@jest/globals';
import { parseAccountId, parseCallId, parseKeyId } from '@ringfence/kernel/ids';
import fc from 'fast-check';
import { idOfSid, sidOf } from './twilio-sid.js';

const anyUlid = fc.stringMatching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);

describe('a SID', () => {
  it('is reversible, for every id', () => {
    fc.assert(
      fc.property(anyUlid, (ulid) => {
        const [account, call, key] = [
          parseAccountId(`acc_${ulid}`),
          parseCallId(`cs_${ulid}`),
          parseKeyId(`key_${ulid}`),
        ];
        if (account === undefined || call === undefined || key === undefined) throw new Error('no ids');
        expect(sidOf('cs', call)).toMatch(/^CA[0-9a-f]{32}$/);
        expect(idOfSid('acc', sidOf('acc', account))).toBe(account);
        expect(idOfSid('cs', sidOf('cs', call))).toBe(call);
        expect(idOfSid('key', sidOf('key', key))).toBe(key);
      }),
    );
  });

  it('is that of an id, whatever its digits are', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-f]{32}$/), (digits) => {
        const id = idOfSid('cs', `CA${digits}`);
        expect(id).toMatch(/^cs_[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
        expect(id === undefined ? undefined : sidOf('cs', id)).toBe(`CA${digits}`);
      }),
    );
  });

  it('may have digits in upper case, as Twilio documents it', () => {
    expect(idOfSid('cs', `CA${'AB'.repeat(16)}`)).toBe(idOfSid('cs', `CA${'ab'.repeat(16)}`));
  });

  it.each([
    '',
    'CA',
    `CA${'0'.repeat(31)}`,
    `CA${'0'.repeat(33)}`,
    `ca${'0'.repeat(32)}`,
    `AC${'0'.repeat(32)}`,
    `CA${'g'.repeat(32)}`,
  ])('of a call is not %j', (text) => {
    expect(idOfSid('cs', text)).toBeUndefined();
  });
});
