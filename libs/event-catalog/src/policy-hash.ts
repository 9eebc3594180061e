import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import { keyPolicyCodec } from './key-fields.js';
import { compileWriter } from './shape-codec.js';
import { hash } from 'node:crypto';

const write = compileWriter(keyPolicyCodec.shape, 'policy');

/**
 * Lower-case hex SHA-256 of the policy's canonical JSON (RFC 8785), as it is in the event.
 * @throws Failure `event_field_invalid` for a policy that cannot be written to the log
 */
export function policyHashOf(policy: KeyPolicy): string {
  return hash('sha256', write(policy), 'hex');
}
