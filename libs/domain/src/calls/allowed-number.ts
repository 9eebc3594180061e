import type { KeyLine } from '../keys/key-line.js';
import { callingPolicies, faultDetail, judgeNumber } from '../limits/called-number.js';
import { e164, type KnownNumber } from '../limits/numbering-plan.js';
import type { Mode } from '../shared/values.js';
import type { PlaceCall } from './call.commands.js';
import { type PlacingRefused, refuseWith } from './limit-refusals.js';

/** The called number if each key of the line allows both numbers, else the reason why not. */
export function allowedNumber(
  { from, to, numberingPlan, rateDecks, nowMs }: PlaceCall,
  line: KeyLine,
  mode: Mode,
  currency: string,
): KnownNumber | PlacingRefused {
  if (!e164.test(from.clear)) return refuseWith('number_invalid', 'from_number: E.164, a + and 7 to 15 digits.');
  const policies = callingPolicies(line, mode);
  const { fault, number } = judgeNumber(to.clear, policies, numberingPlan, { decks: rateDecks, currency, atMs: nowMs });
  if (fault?.code === 'number_invalid') return refuseWith(fault.code, faultDetail(fault, 'to_number'));
  const { subjectId } = from.sealed;
  if (line.some(({ policy }) => policy.callerNumbers?.some((allowed) => allowed.subjectId === subjectId) === false)) {
    return refuseWith('caller_number_not_allowed', 'The key may not show this caller number.');
  }
  return fault === null ? number : refuseWith(fault.code, fault.detail);
}
