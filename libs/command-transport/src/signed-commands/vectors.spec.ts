import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import type { KeyId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { readBinary } from '@ringfence/wire/cloud-event';
import type { MessageHeaders } from '@ringfence/ports/message-bus/message';
import { CompactSign, importJWK } from 'jose';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { CommandKeys } from './command-keys.js';
import { SealedBodies } from './sealed-body.js';
import { SignatureCheck } from './signature-check.js';

type PrivateJwk = { readonly kty: string; readonly crv: string; readonly d: string; readonly x: string };
type Vectors = {
  readonly signing_key: { readonly kid: KeyId; readonly private: PrivateJwk };
  readonly platform_key: { readonly kid: string; readonly private: PrivateJwk };
  readonly clear: object;
  readonly headers: MessageHeaders;
  readonly value: string;
  readonly protected_header: string;
  readonly payload: string;
};
const published = fileURLToPath(new URL('../../../../docs/signed-command-vectors.json', import.meta.url));
const { signing_key, platform_key, clear, headers, value, protected_header, payload } = JSON.parse(
  readFileSync(published, 'utf8'),
) as Vectors;
const event = readBinary(headers, Buffer.from(value));

it('docs/signed-command-vectors.json is signed as it says', async () => {
  const key = await importJWK({ ...signing_key.private }, 'EdDSA');
  const header = JSON.parse(protected_header) as { alg: string };
  const made = await new CompactSign(Buffer.from(payload)).setProtectedHeader(header).sign(key);
  expect(headers['ce_signature']).toBe(made);
});

it('docs/signed-command-vectors.json is what the verifier accepts', async () => {
  invariant(!('fault' in event), 'it is an event');
  const accountId = event.subject as never;
  const signingKey = (keyId: KeyId) => {
    const known = { publicKey: signing_key.private.x, home: 'account', accountId, mode: 'live' } as const;
    return Promise.resolve(keyId === signing_key.kid ? known : undefined);
  };
  const { aud, iat, exp } = JSON.parse(payload) as Readonly<Record<string, unknown>>;
  expect(await new SignatureCheck({ signingKey }).check(event)).toMatchObject({
    keyId: signing_key.kid,
    claims: { audience: aud, issuedAtS: iat, expiresAtS: exp, replyKey: null },
  });
  const bytes = Buffer.from(platform_key.private.d, 'base64url').toString('base64');
  const keys = new CommandKeys(KeyRing.parse(`${platform_key.kid}:${bytes}`, 'spec'));
  expect(keys.jwks).toMatchObject([{ kid: platform_key.kid, x: platform_key.private.x }]);
  const read = await new SealedBodies(keys).read('place_call', event.data, event.subject ?? '');
  expect(read).toEqual({ body: { ...clear, record: false } });
});
