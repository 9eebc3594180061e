import { revocationReasons } from '@ringfence/domain/keys/key.events';
import { scopes } from '@ringfence/domain/shared/scopes';
import { actorKinds, modes, revocationPolicies } from '@ringfence/domain/shared/values';
import {
  amountOrNull,
  flag,
  id,
  idOrNull,
  type JsonSchema,
  listOf,
  listOrNull,
  moment,
  momentOrNull,
  type NamedSchemas,
  object,
  oneOf,
  oneOfOrNull,
  page,
  positionToken,
  ref,
  sha256,
  text,
  textOrNull,
  whole,
  wholeOrNull,
} from '../edge/json-schema.js';

const secret: JsonSchema = {
  type: ['string', 'null'],
  description: 'Shown this once; null when it was shown by an earlier answer to the same Idempotency-Key.',
};

const publicKey = object(
  { kty: { const: 'OKP' }, crv: { const: 'Ed25519' }, x: text },
  'An Ed25519 public key as a JWK.',
);
const publicKeyOrNull: JsonSchema = { oneOf: [publicKey, { type: 'null' }] };

const parentKeyId: JsonSchema = {
  ...idOrNull('key'),
  description: 'The key that it is a child of: bounded by it and ended with it. null: an ordinary key.',
};

const policy = {
  scopes: listOf(oneOf(scopes)),
  calls_per_second: whole,
  burst_calls: whole,
  lines_max: whole,
  daily_spend_micros_max: amountOrNull,
  destination_prefixes: listOrNull(text),
  caller_numbers: listOrNull(textOrNull),
  source_cidrs: listOrNull(text),
  expires_at: momentOrNull,
  on_revoke: oneOf(revocationPolicies),
  calls_max: wholeOrNull,
  minutes_max: wholeOrNull,
  spend_micros_max: amountOrNull,
  project: text,
  application: text,
};

const encryptionKey = object({
  kty: { const: 'OKP' },
  crv: { const: 'X25519' },
  x: { type: 'string', pattern: '^[A-Za-z0-9_-]{43}$' },
  kid: text,
  use: { const: 'enc' },
  alg: { const: 'ECDH-ES' },
});

export const keySchemas: NamedSchemas = {
  KeyPolicy: object(policy, 'What a key may do.'),
  IssuedKey: object({
    id: id('key'),
    account_id: idOrNull('acc'),
    mode: oneOf(modes),
    parent_key_id: parentKeyId,
    label: text,
    secret,
    secret_already_shown: flag,
    secret_hint: text,
    ...policy,
    position: positionToken,
  }),
  RegisteredSigningKey: object({
    id: id('key'),
    account_id: idOrNull('acc'),
    mode: oneOf(modes),
    parent_key_id: parentKeyId,
    label: text,
    kind: { const: 'signing' },
    public_key: publicKey,
    ...policy,
    position: positionToken,
  }),
  RotatedKey: object({
    id: id('key'),
    account_id: idOrNull('acc'),
    secret,
    secret_already_shown: flag,
    secret_hint: text,
    position: positionToken,
  }),
  ChangedKeyPolicy: object({ id: id('key'), account_id: idOrNull('acc'), ...policy, position: positionToken }),
  RevokedKey: object({
    id: id('key'),
    account_id: idOrNull('acc'),
    status: { const: 'revoked' },
    reason: oneOf(revocationReasons),
    position: positionToken,
  }),
  Key: object({
    id: id('key'),
    account_id: idOrNull('acc'),
    mode: oneOf(modes),
    parent_key_id: parentKeyId,
    label: textOrNull,
    kind: oneOf(['secret', 'signing']),
    secret_hint: { ...textOrNull, description: 'The last four characters of its secret; null: it is a signing key.' },
    public_key: { ...publicKeyOrNull, description: 'What its signatures are checked against; null: it has a secret.' },
    status: {
      ...oneOf(['active', 'expired', 'revoked']),
      description: 'A child key ends with its parent: then it shows what its parent does.',
    },
    version: whole,
    ...policy,
    policy_hash: sha256,
    overlap_until: momentOrNull,
    issued_by: object({ kind: oneOf(actorKinds), id: text }),
    issued_at: moment,
    rotated_at: momentOrNull,
    policy_changed_at: momentOrNull,
    revoked_at: { ...momentOrNull, description: 'Of a child key that ended with its parent: when that was revoked.' },
    revocation_reason: oneOfOrNull(revocationReasons),
    erased: listOf(oneOf(['label', 'caller_numbers'])),
  }),
  KeyList: page(ref('Key')),
  PlatformKeys: object({
    audience: { ...text, description: 'What `aud` has to be: the log that a command is signed for.' },
    encryption: object({ keys: listOf(encryptionKey) }, 'A JWK set (RFC 7517); the first is the one to encrypt to.'),
    topics: object({ commands: text, replies: text, events: text, watermarks: text }),
    partitions: { ...whole, description: 'How many each topic has, except that of watermarks, which has one.' },
  }),
};
