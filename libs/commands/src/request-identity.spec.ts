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

const madeUp = 'cmd_01ARZ3NDEKTSV4RRFFQ69G5FAV';
/** null: by an operator. */
const presentedIn = ['live', 'test', null] as const;

describe('a client’s own key', () => {
  const key = (text: string): ClientKey => {
    const parsed = parseClientKey(text);
    if (parsed === undefined) throw new Error('no client key');
    return parsed;
  };

  it('names one command of one account, for ever, and is nowhere in clear', () => {
    for (const mode of presentedIn) {
      const commandId = identity.commandIdFor(account, mode, key('call +15005550001'));
      expect(identity.commandIdFor(account, mode, key('call +15005550001'))).toBe(commandId);
      expect(identity.commandIdFor(other, mode, key('call +15005550001'))).not.toBe(commandId);
      expect(commandId).toMatch(/^idem_[A-Za-z0-9_-]{43}$/);
    }
  });

  it.each(['call +15005550001', 'test', madeUp])(
    'names another command with a test key than with any other: %s',
    (text) => {
      const [live, test, operator] = presentedIn.map((mode) => identity.commandIdFor(account, mode, key(text)));
      expect(test).not.toBe(live);
      expect(test).toMatch(/^idem_[A-Za-z0-9_-]{43}$/);
      expect(operator).toBe(live);
    },
  );

  it('leads no test key to a live command, whatever it is called', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\x20-\x7e]{1,255}$/), fc.stringMatching(/^[\x20-\x7e]{1,255}$/), (one, two) => {
        expect(identity.commandIdFor(account, 'test', key(one))).not.toBe(
          identity.commandIdFor(account, 'live', key(two)),
        );
      }),
    );
  });

  it('names for ever what it names now', () => {
    const first = new RequestIdentity(new Uint8Array(32));
    expect(first.commandIdFor(account, 'live', key('order-17'))).toBe(
      'idem_GlpJ4aj8De_VLLeU-Ct4iqCb0UhXp833Bq3KpXFJa7c',
    );
    expect(first.commandIdFor(account, 'test', key('order-17'))).toBe(
      'idem_WZI-IKNCJNWs0VFFJ716vHf1Jb18SSDgGtKqkIIJ_BM',
    );
  });

  it('is the command’s own id where that was generated for it, so that the client that got it can retry with it', () => {
    for (const mode of ['live', null] as const) {
      expect(identity.commandIdFor(account, mode, key(madeUp))).toBe(madeUp);
      expect(identity.commandIdFor(account, mode, key(`${madeUp} +15005550001`))).toMatch(/^idem_/);
    }
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
