import type { EpochMs } from '@ringfence/kernel/units';
import type { Mode } from '../platform/values.js';
import {
  destinationFault,
  type DestinationFault,
  destinationFaults,
  destinationOf,
  type PriceList,
} from './destinations.js';
import { e164, type KnownNumber, type NumberClass, type NumberingPlan } from './numbering-plan.js';

export type NumberFault = {
  readonly code: 'number_invalid' | 'number_range_unknown' | 'destination_not_allowed';
  readonly reason: 'form' | 'trunk_digits' | 'length' | 'unknown_range' | DestinationFault;
  /** Without the number's digits. */
  readonly detail: string;
};
export const numberFaultReasons = [
  'form',
  'trunk_digits',
  'length',
  'unknown_range',
  ...(Object.keys(destinationFaults) as readonly DestinationFault[]),
] as const satisfies readonly NumberFault['reason'][];

/** A number of some plan: of a range that is known, or of one that may be. */
export type CalledNumber = {
  readonly digits: string;
  readonly number: Exclude<NumberClass, { readonly status: 'invalid' }>;
};

const invalidDetails = {
  form: 'to_number: E.164, a + and 7 to 15 digits.',
  trunk_digits:
    'to_number: behind the country code stand digits that are dialled only inside the country, such as a trunk 0; leave them out.',
  length: 'to_number: no number of this country code has this many digits.',
} as const;

export const unknownRange: NumberFault = {
  code: 'number_range_unknown',
  reason: 'unknown_range',
  detail: 'No numbering plan that is known has this range; an operator can open it.',
};

/** The number as the plans have it, or why it can be no number of theirs. @param clear as the client wrote it */
export function numberCalled(
  clear: string,
  plan: NumberingPlan,
  atMs: EpochMs,
): CalledNumber | { readonly fault: NumberFault } {
  if (!e164.test(clear)) return invalid('form');
  const digits = clear.slice(1);
  const number = plan.classify(digits, atMs);
  return number.status === 'invalid' ? invalid(number.fault) : { digits, number };
}

export type CallingPolicies = {
  /** What each policy that the call has to satisfy names: the key's own first. */
  readonly named: readonly (readonly string[] | null)[];
  readonly mode: Mode;
};

/** The number, if it may be called under every one of the policies, or why it may not. */
export function numberAllowed(
  { digits, number }: CalledNumber,
  { named, mode }: CallingPolicies,
  plan: NumberingPlan,
  prices: PriceList,
): KnownNumber | { readonly fault: NumberFault } {
  if (number.status === 'unknown') {
    return { fault: unknownRange };
  }
  const to = destinationOf(digits, number, plan, prices);
  for (const entries of named) {
    const reason = destinationFault(entries, mode, to);
    if (reason !== undefined)
      return { fault: { code: 'destination_not_allowed', reason, detail: destinationFaults[reason] } };
  }
  return number;
}

function invalid(reason: keyof typeof invalidDetails): { readonly fault: NumberFault } {
  return { fault: { code: 'number_invalid', reason, detail: invalidDetails[reason] } };
}
