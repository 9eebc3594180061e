import { Ed25519PublicKey, type PublicJwk } from '../../edge/fields.js';
import { NewKeyFields } from '../new-key.dto.js';

export class RegisterSigningKeyBody extends NewKeyFields {
  @Ed25519PublicKey({
    says: 'The public half of an Ed25519 key pair, as a JWK (RFC 8037); the private half never leaves you. It never changes.',
    example: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
    required: true,
  })
  public_key!: PublicJwk;
}
