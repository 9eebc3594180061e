import { ed25519Jwk, type Ed25519Jwk } from '../../field-rule.js';
import { required } from '../command-field.js';
import { ofKey } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';
import { newKeyExample, newKeyFields } from './key-fields.js';

/** RFC 8037, appendix A.2. */
const publicKeyExample = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
} as const satisfies Ed25519Jwk;

export const registerSigningKey = {
  name: 'register_signing_key',
  commandType: 'RegisterSigningKey',
  fields: {
    ...newKeyFields,
    public_key: required(
      ed25519Jwk,
      'The public half of an Ed25519 key pair, as a JWK (RFC 8037); the private half never leaves you. It never changes.',
      { example: publicKeyExample },
    ),
  },
  example: { ...newKeyExample, public_key: publicKeyExample },
  answersSecret: false,
  route: { method: 'POST', path: '/signing-keys' },
  result: ofKey,
} as const satisfies PublicCommand;
