import { describe, expect, it } from '@jest/globals';
import type { LogId } from '@ringfence/kernel/ids';
import { binaryHeaders, readBinary } from './cloud-event.js';
import {
  audienceOf,
  isCompactJwe,
  readSignedPayload,
  replyToAttribute,
  sealedHeader,
  signatureAttribute,
  signatureHeader,
  type SignedAttributes,
  type SignedClaims,
  signedPayload,
  sourceCharactersMax,
} from './signed-command.js';

const attributes: SignedAttributes = {
  type: 'ringfence.command.place_call.v1',
  id: 'order-"17"',
  source: 'urn:example:checkout',
  subject: 'acc_01K9Z000000000000000000000',
  replyTo: '3.waiting-1',
  dataSha256: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
};
const replyKey = { kty: 'OKP', crv: 'X25519', x: 'hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo' } as const;
const claims: SignedClaims = {
  audience: audienceOf('log_01K9Z000000000000000000000' as LogId),
  issuedAtS: 1_800_000_000,
  expiresAtS: 1_800_000_060,
  replyKey,
};
const text = signedPayload(attributes, claims);

describe('the payload of a signature', () => {
  it('is canonical JSON, the same bytes in every language', () => {
    expect(text).toBe(
      '{"aud":"urn:ringfence:log:log_01K9Z000000000000000000000","data_sha256":"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU","exp":1800000060,"iat":1800000000,"id":"order-\\"17\\"","reply_key":{"crv":"X25519","kty":"OKP","x":"hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo"},"replyto":"3.waiting-1","source":"urn:example:checkout","subject":"acc_01K9Z000000000000000000000","type":"ringfence.command.place_call.v1"}',
    );
  });

  it('is read back as what it says', () => {
    expect(readSignedPayload(text, attributes)).toEqual(claims);
    const brief = signedPayload({ ...attributes, replyTo: null }, { ...claims, replyKey: null });
    expect(readSignedPayload(brief, { ...attributes, replyTo: null })).toEqual({ ...claims, replyKey: null });
  });

  it.each(Object.keys(attributes) as (keyof SignedAttributes)[])('is none of a record whose %s is another', (name) => {
    expect(readSignedPayload(text, { ...attributes, [name]: 'another' })).toBeUndefined();
  });

  it.each([
    ['a space more', text.replace(',', ', ')],
    ['a member more', text.replace('{', '{"a":1,')],
    ['another order', `{${text.slice(1, -1).split(',').reverse().join(',')}}`],
    ['a time of half a second', text.replace('1800000060', '1800000060.5')],
    ['a negative time', text.replace('1800000060', '-1')],
    ['a private reply key', text.replace('"x":', '"d":"a","x":')],
    ['a reply key that signs', text.replace('X25519', 'Ed25519')],
    ['no audience', text.replace(/"aud":"[^"]*",/, '')],
    ['no JSON', text.slice(1)],
  ])('is none with %s', (_what, changed) => {
    expect(changed).not.toBe(text);
    expect(readSignedPayload(changed, attributes)).toBeUndefined();
  });
});

it('fits into a header, however long its attributes are', () => {
  const longest = {
    ...attributes,
    id: '"'.repeat(255),
    source: '"'.repeat(sourceCharactersMax),
    replyTo: `63.${'r'.repeat(64)}`,
  };
  const header = { ...signatureHeader, kid: 'key_01K9Z000000000000000000000' };
  const parts = [JSON.stringify(header), signedPayload(longest, claims), 's'.repeat(64)];
  const signature = parts.map((part) => Buffer.from(part).toString('base64url')).join('.');
  const { id, source, type, subject, replyTo } = longest;
  const extensions = { [signatureAttribute]: signature, [replyToAttribute]: replyTo };
  const headers = binaryHeaders({ id, source, type, subject, time: null, extensions });
  expect(readBinary(headers, new Uint8Array())).toMatchObject({ id, extensions });
});

it('distinguishes a sealed value from a clear one by its form', () => {
  const header = Buffer.from(JSON.stringify(sealedHeader)).toString('base64url');
  expect(isCompactJwe(`${header}..aXYxMjM0NTY3ODkw.Y2lwaGVy.dGFn`)).toBe(true);
  for (const clear of ['+15005550000', 'https://example.com/a.b.c.d', 'Example GmbH', 'a.b.c.d', '', null, 7])
    expect(isCompactJwe(clear)).toBe(false);
});
