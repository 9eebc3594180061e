import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import { keyPolicyCodec } from '@ringfence/event-catalog/event-catalog';
import { compileReader, compileWriter } from '@ringfence/event-catalog/shape-codec';

const write = compileWriter(keyPolicyCodec.shape, 'policy');
const read = compileReader(keyPolicyCodec.shape, 'policy');

/** A policy as the canonical JSON that its hash is of. */
export function policyText(policy: KeyPolicy): string {
  return write(policy);
}

/** @throws Failure `event_field_invalid` on what `policyText` did not write */
export function policyOf(text: string): KeyPolicy {
  return read(JSON.parse(text)) as KeyPolicy; // the reader has checked every field of it
}
