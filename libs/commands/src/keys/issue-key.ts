import { modes } from '@ringfence/domain/shared/values';
import { keyPolicyCodec } from '@ringfence/event-catalog/key-fields';
import { oneOf, sealedText, secretDigest, text } from '@ringfence/event-catalog/shape';
import { defineCommand } from '../command-definition.js';
import { keyFields } from '../wire-fields.js';
import { policyBeforeCaps, policyWithoutCaps } from './wire-policy.js';

export const issueKey = defineCommand<'IssueKey'>({
  name: 'issue_key',
  version: 2,
  fields: {
    ...keyFields,
    mode: oneOf(modes),
    label: sealedText,
    digest: secretDigest,
    secretHint: text('secretHint'),
    policy: keyPolicyCodec,
    policyHash: text('sha256'),
  },
  upcasters: [policyWithoutCaps],
  downcaster: policyBeforeCaps,
  allowedWhileDraining: false,
});
