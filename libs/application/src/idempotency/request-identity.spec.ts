import { describe, expect, it } from '@jest/globals';
import type { AccountId } from '@ringfence/kernel/ids';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { type ClientKey, parseClientKey, RequestIdentity, sameFingerprint } from './request-identity.js';

const identity = new RequestIdentity(randomBytes(32));
const account = 'acc_00000000000000000000000001' as AccountId;
const other = 'acc_00000000000000000000000002' as AccountId;
const call = { to: '+15005550001', from: '+15005550002', record: false };

describe('a fingerprint', () => {
  it('is the same for the same fields in any order', () => {
    const again = { record: false, from: '+15005550002', to: '+15005550001' };
    expect(sameFingerprint(identity.fingerprint('PlaceCall', call), identity.fingerprint('PlaceCall', again))).toBe(
      true,
    );
  });

  it.each([
    ['another value', { ...call, record: true }],
    ['a field more', { ...call, ring_timeout: 30 }],
    ['a field less', { to: call.to, from: call.from }],
    ['a number for its text', { ...call, to: 15005550001 }],
    ['null for nothing', { ...call, ring_timeout: null }],
  ])('is another for %s', (_what, fields) => {
    expect(sameFingerprint(identity.fingerprint('PlaceCall', call), identity.fingerprint('PlaceCall', fields))).toBe(
      false,
    );
  });

  it('is another for another command, and under another key', () => {
    const fingerprint = identity.fingerprint('PlaceCall', call);
    expect(sameFingerprint(fingerprint, identity.fingerprint('HangUpCall', call))).toBe(false);
    expect(sameFingerprint(fingerprint, new RequestIdentity(randomBytes(32)).fingerprint('PlaceCall', call))).toBe(
      false,
    );
    expect(sameFingerprint(fingerprint, fingerprint.subarray(0, 16))).toBe(false);
  });
});

describe('a client’s own key', () => {
  const key = (text: string): ClientKey => {
    const parsed = parseClientKey(text);
    if (parsed === undefined) throw new Error('no client key');
    return parsed;
  };

  it('names one command of one account, for ever, and stands nowhere in clear', () => {
    const commandId = identity.commandIdFor(account, key('call +15005550001'));
    expect(identity.commandIdFor(account, key('call +15005550001'))).toBe(commandId);
    expect(identity.commandIdFor(other, key('call +15005550001'))).not.toBe(commandId);
    expect(commandId).toMatch(/^idem_[A-Za-z0-9_-]{43}$/);
  });

  it('is the command’s own id where that was made up for it, so that who was told it can ask with it', () => {
    const madeUp = 'cmd_01ARZ3NDEKTSV4RRFFQ69G5FAV';
    expect(identity.commandIdFor(account, key(madeUp))).toBe(madeUp);
    expect(identity.commandIdFor(account, key(`${madeUp} +15005550001`))).toMatch(/^idem_/);
  });

  it('is 1 to 255 printable ASCII characters', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\x20-\x7e]{1,255}$/), (text) => {
        expect(parseClientKey(text)).toBe(text);
      }),
    );
    expect(['', 'x'.repeat(256), 'é', 'a\nb', '\0'].map(parseClientKey)).toEqual(Array(5).fill(undefined));
  });
});
