import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HmacSha256 } from './hmac-sha256.js';

describe('an HMAC', () => {
  it.each([
    [Buffer.alloc(20, 0x0b), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      Buffer.from('Jefe'),
      'what do ya want for nothing?',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [
      Buffer.alloc(131, 0xaa),
      'Test Using Larger Than Block-Size Key - Hash Key First',
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
  ])('is that of RFC 4231', (key, message, digest) => {
    expect(new HmacSha256(key).digest(message).toString('hex')).toBe(digest);
  });

  it('is that of OpenSSL, whatever the key and the message', () => {
    const bytes = fc.uint8Array({ maxLength: 150 });
    fc.assert(
      fc.property(bytes, fc.oneof(bytes, fc.string({ unit: 'grapheme' })), (key, message) => {
        const expected = createHmac('sha256', key).update(message).digest('hex');
        expect(new HmacSha256(key).digest(message).toString('hex')).toBe(expected);
      }),
    );
  });

  it('is the same for a message after any other, short or long', () => {
    const hmac = new HmacSha256(Buffer.from('one key'));
    const message = fc.oneof(fc.uint8Array({ maxLength: 2_000 }), fc.string({ unit: 'grapheme', maxLength: 2_000 }));
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5, size: 'max' }), (messages) => {
        const expected = messages.map((each) => createHmac('sha256', 'one key').update(each).digest('hex'));
        expect(messages.map((each) => hmac.digest(each).toString('hex'))).toEqual(expected);
      }),
    );
  });

  it.each([959, 960, 961])('is that of OpenSSL for %i bytes', (length) => {
    for (const message of [Buffer.alloc(length, 7), 'm'.repeat(length), `${'m'.repeat(length - 2)}é`]) {
      const expected = createHmac('sha256', 'one key').update(message).digest('hex');
      expect(new HmacSha256(Buffer.from('one key')).digest(message).toString('hex')).toBe(expected);
    }
  });
});
