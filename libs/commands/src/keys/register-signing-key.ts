import { modes } from '@ringfence/domain/shared/values';
import { keyPolicyCodec } from '@ringfence/event-catalog/key-fields';
import { oneOf, sealedText, text } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { keyFields } from '../wire-fields.js';
import { policyBeforeCaps, policyWithoutCaps } from './wire-policy.js';

export const registerSigningKey = defineCommand<'RegisterSigningKey'>({
  name: 'register_signing_key',
  version: 2,
  fields: {
    ...keyFields,
    mode: oneOf(modes),
    label: sealedText,
    publicKey: text('publicKey'),
    policy: keyPolicyCodec,
    policyHash: text('sha256'),
  },
  upcasters: [policyWithoutCaps],
  downcaster: policyBeforeCaps,
  allowedWhileDraining: false,
});
