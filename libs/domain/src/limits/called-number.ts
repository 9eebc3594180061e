import type { EpochMs } from '@ringfence/kernel/units';
import type { Mode } from '../shared/values.js';
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
  /**
   * Text without the number's digits. For `number_invalid` it is the expectation, which `faultDetail` puts after the
   * field's name.
   */
  readonly detail: string;
};
export const numberFaultReasons = [
  'form',
  'trunk_digits',
  'length',
  'unknown_range',
  ...(Object.keys(destinationFaults) as readonly DestinationFault[]),
] as const satisfies readonly NumberFault['reason'][];

/** A number that some numbering plan allows, in a range that is known or may exist. */
type CalledNumber = {
  readonly digits: string;
  readonly number: Exclude<NumberClass, { readonly status: 'invalid' }>;
};

const invalidDetails = {
  form: 'E.164, a + and 7 to 15 digits.',
  trunk_digits:
    'behind the country code there are digits that are dialled only inside the country, such as a trunk 0; leave them out.',
  length: 'no number of this country code has this many digits.',
} as const;

export const unknownRange: NumberFault = {
  code: 'number_range_unknown',
  reason: 'unknown_range',
  detail: 'No numbering plan that is known has this range; an operator can open it.',
};

/** Classifies a number, or says why no plan can contain it. @param clear as the client wrote it */
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
  /** Destinations of each policy that the call has to satisfy: the key's own first, then its ancestors'. */
  readonly named: readonly (readonly string[] | null)[];
  readonly mode: Mode;
};

/** The policies that a call with a key has to satisfy. @param line the key and its ancestors */
export function callingPolicies(
  line: readonly { readonly policy: { readonly destinationPrefixes: CallingPolicies['named'][number] } }[],
  mode: Mode,
): CallingPolicies {
  return { named: line.map(({ policy }) => policy.destinationPrefixes), mode };
}

type NumberJudgement =
  | { readonly fault: null; readonly number: KnownNumber }
  /**
   * `number`: null if it is in no known range. `refusedBy`: the index of the refusing policy, 0 for the key's own; null
   * if the number may not be called under any policy.
   */
  | { readonly fault: NumberFault; readonly number: KnownNumber | null; readonly refusedBy: number | null };

/**
 * Decides whether all policies allow a number to be called, with the reason if not. Used to decide PlaceCall and to
 * explain a number in `GET /numbers`.
 * @param clear as the client wrote it
 */
export function judgeNumber(
  clear: string,
  { named, mode }: CallingPolicies,
  plan: NumberingPlan,
  prices: PriceList,
): NumberJudgement {
  const called = numberCalled(clear, plan, prices.atMs);
  if ('fault' in called) return { fault: called.fault, number: null, refusedBy: null };
  const { digits, number } = called;
  if (number.status === 'unknown') return { fault: unknownRange, number: null, refusedBy: null };
  const to = destinationOf(digits, number, plan, prices);
  for (const [refusedBy, entries] of named.entries()) {
    const reason = destinationFault(entries, mode, to);
    if (reason === undefined) continue;
    const fault = { code: 'destination_not_allowed', reason, detail: destinationFaults[reason] } as const;
    return { fault, number, refusedBy };
  }
  return { fault: null, number };
}

/** The detail of a fault in the field of this name. */
export function faultDetail(
  { code, detail }: Pick<NumberFault, 'detail'> & { readonly code: string },
  field: string,
): string {
  return code === 'number_invalid' ? `${field}: ${detail}` : detail;
}

function invalid(reason: keyof typeof invalidDetails): { readonly fault: NumberFault } {
  return { fault: { code: 'number_invalid', reason, detail: invalidDetails[reason] } };
}
