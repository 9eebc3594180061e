import type { Ed25519Jwk } from '@ringfence/wire/field-rule';
import { publicCommands } from '@ringfence/wire/public-commands';
import { BodyField } from '../../edge/fields.js';
import { NewKeyFields } from '../new-key.dto.js';

/** RFC 8037, appendix A.2. */
export const examplePublicKey = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
} as const satisfies Ed25519Jwk;
const { fields } = publicCommands.register_signing_key;

export class RegisterSigningKeyBody extends NewKeyFields {
  @BodyField(fields.public_key, {
    says: 'The public half of an Ed25519 key pair, as a JWK (RFC 8037); the private half never leaves you. It never changes.',
    example: examplePublicKey,
  })
  public_key!: Ed25519Jwk;
}
