import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cliFailures } from '../failures.js';
import { isAnswer } from '../server/json-reading.js';

type PublicJwk = { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string };

/**
 * Reads a public key, as PEM or JWK. Refuses a file with a private key, although the public key could be derived from
 * it: no command needs a private key.
 * @throws Failure `public_key_unreadable`, which names the file and repeats none of its contents
 */
export function readPublicKey(file: string): PublicJwk {
  const text = contentOf(file);
  const jwk = jwkIn(text);
  if (text.includes('PRIVATE KEY') || jwk?.['d'] !== undefined)
    throw cliFailures.public_key_unreadable(
      file,
      'it holds a private key; `openssl pkey -in FILE -pubout` writes the public half',
    );
  const { kty, crv, x } = keyIn(text, jwk, file).export({ format: 'jwk' });
  if (kty !== 'OKP' || crv !== 'Ed25519' || x === undefined)
    throw cliFailures.public_key_unreadable(
      file,
      'it is of another kind; `openssl genpkey -algorithm ed25519` makes a key pair',
    );
  return { kty, crv, x };
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw cliFailures.public_key_unreadable(file, 'the file cannot be read');
  }
}

function jwkIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isAnswer(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function keyIn(text: string, jwk: Readonly<Record<string, unknown>> | undefined, file: string): KeyObject {
  try {
    return jwk === undefined ? createPublicKey(text) : createPublicKey({ key: { ...jwk }, format: 'jwk' });
  } catch {
    throw cliFailures.public_key_unreadable(file, 'neither PEM nor JWK');
  }
}
