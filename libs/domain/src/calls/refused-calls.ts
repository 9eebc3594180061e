import type { KeyId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { RefusalSum, RefusalSums } from '../rejections/refusal-aggregation.js';
import type { Mode } from '../shared/values.js';
import { callRefusalCodes, type CallRefusalCode } from './call-refusals.js';
import type { CallRefusalsCounted, CallRefused } from './call.events.js';

/** The key under which refused calls are aggregated: key and reason. */
export type CallRefusalKey = Pick<CallRefused, 'localDay' | 'zoneData'> & {
  readonly keyId: KeyId;
  readonly mode: Mode;
  readonly code: CallRefusalCode;
};
/** An account's recently refused calls. */
export type RefusedCallSums = RefusalSums<CallRefusalKey>;

export function isCallRefusalCode(code: string): code is CallRefusalCode {
  return (callRefusalCodes as readonly string[]).includes(code);
}

/** The event that counts the refused calls of one second besides the one recorded in full. */
export function callsCounted(sum: RefusalSum<CallRefusalKey>, nowMs: EpochMs): CallRefusalsCounted {
  const { alike, secondStartMs, uncounted: count } = sum;
  const { keyId: presentedKeyId, ...rest } = alike;
  return { type: 'CallRefusalsCounted', presentedKeyId, ...rest, secondStartMs, count, countedAtMs: nowMs };
}
