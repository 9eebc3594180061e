import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import { canonicalJson } from '@ringfence/event-catalog/canonical-json';
import { beforeCaps, keyPolicyCodec, noCaps } from '@ringfence/event-catalog/key-fields';
import { compileReader, compileWriter } from '@ringfence/event-catalog/shape-codec';
import type { JsonObject } from '@ringfence/kernel/json';

const write = compileWriter(keyPolicyCodec.shape, 'policy');
const read = compileReader(keyPolicyCodec.shape, 'policy');

/**
 * A policy as canonical JSON. Lifetime caps are left out where none is set: projectors are replaced before gateways,
 * and meanwhile gateways of the previous release read these rows.
 */
export function policyText(policy: KeyPolicy): string {
  const text = write(policy);
  const before = beforeCaps(JSON.parse(text) as JsonObject); // written by this library
  return before === undefined ? text : canonicalJson(before);
}

/** @throws Failure `event_field_invalid` for text that `policyText` did not write */
export function policyOf(text: string): KeyPolicy {
  return read({ ...noCaps, ...(JSON.parse(text) as JsonObject) }) as KeyPolicy;
}
