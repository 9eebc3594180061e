import { type KeyEvent, revocationReasons } from '@ringfence/domain/keys/key.events';
import { modes, revocationPolicies } from '@ringfence/domain/shared/values';
import type { KeyId } from '@ringfence/kernel/ids';
import { fewerWords, type Upcaster } from './catalogue.js';
import { about, type ContextCatalogue, type EventFacts, type StateAround } from './context-catalogue.js';
import { keyPolicyCodec, withoutCaps } from './key-fields.js';
import { count, id, moment, nullable, oneOf, sealedText, secretDigest, text } from './shape.js';

const mode = oneOf(modes);

/** A key from before there were child keys. */
const ordinaryKey: Upcaster = (data) => ({ ...withoutCaps(data), parentKeyId: null });

export const keyCatalogue: ContextCatalogue<KeyEvent> = {
  KeyIssued: {
    name: 'key.issued',
    version: 3,
    fields: {
      keyId: id('key'),
      accountId: nullable(id('acc')),
      mode,
      parentKeyId: nullable(id('key')),
      label: sealedText,
      digest: secretDigest,
      secretHint: text('secretHint'),
      policy: keyPolicyCodec,
      policyHash: text('sha256'),
      issuedAtMs: moment,
    },
    upcasters: [ordinaryKey, fewerWords],
    facts: (event) => about(event.keyId, event.mode),
  },
  SigningKeyRegistered: {
    name: 'key.signing_key_registered',
    version: 3,
    fields: {
      keyId: id('key'),
      accountId: nullable(id('acc')),
      mode,
      parentKeyId: nullable(id('key')),
      label: sealedText,
      publicKey: text('publicKey'),
      policy: keyPolicyCodec,
      policyHash: text('sha256'),
      registeredAtMs: moment,
    },
    upcasters: [ordinaryKey, fewerWords],
    facts: (event) => about(event.keyId, event.mode),
  },
  KeyRotated: {
    name: 'key.rotated',
    version: 1,
    fields: {
      keyId: id('key'),
      digest: secretDigest,
      secretHint: text('secretHint'),
      overlapUntilMs: moment,
      previousDigest: secretDigest,
      keyVersion: count,
      rotatedAtMs: moment,
    },
    facts: aboutKey,
  },
  KeyPolicyChanged: {
    name: 'key.policy_changed',
    version: 3,
    fields: {
      keyId: id('key'),
      policy: keyPolicyCodec,
      policyHash: text('sha256'),
      keyVersion: count,
      changedAtMs: moment,
    },
    upcasters: [withoutCaps, fewerWords],
    facts: aboutKey,
  },
  KeyRevoked: {
    name: 'key.revoked',
    version: 1,
    fields: {
      keyId: id('key'),
      reason: oneOf(revocationReasons),
      onRevoke: oneOf(revocationPolicies),
      keyVersion: count,
      revokedAtMs: moment,
    },
    facts: aboutKey,
  },
  KeyOverlapEnded: {
    name: 'key.overlap_ended',
    version: 1,
    fields: { keyId: id('key'), endedAtMs: moment },
    facts: aboutKey,
  },
};

/** The mode is the key's own. */
function aboutKey({ keyId }: { readonly keyId: KeyId }, { before }: StateAround): EventFacts {
  return about(keyId, before?.keys.get(keyId)?.key.mode ?? 'live');
}
