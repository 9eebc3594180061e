import type { KeyId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { RefusalSum, RefusalSums } from '../rejections/refusal-aggregation.js';
import type { Mode } from '../shared/values.js';
import { callRefusalCodes, type CallRefusalCode } from './call-refusals.js';
import type { CallRefusalsCounted, CallRefused } from './call.events.js';

/** Refused calls that are summed together: of one key, for one reason. */
export type CallRefusalKey = Pick<CallRefused, 'localDay' | 'zoneData'> & {
  readonly keyId: KeyId;
  readonly mode: Mode;
  readonly code: CallRefusalCode;
};
/** An account's refused calls of late. */
export type RefusedCallSums = RefusalSums<CallRefusalKey>;

export function isCallRefusalCode(code: string): code is CallRefusalCode {
  return (callRefusalCodes as readonly string[]).includes(code);
}

/** The refused calls of one second besides the one that was recorded in full. */
export function callsCounted(sum: RefusalSum<CallRefusalKey>, nowMs: EpochMs): CallRefusalsCounted {
  const { alike, secondStartMs, uncounted: count } = sum;
  const { keyId: presentedKeyId, ...rest } = alike;
  return { type: 'CallRefusalsCounted', presentedKeyId, ...rest, secondStartMs, count, countedAtMs: nowMs };
}
