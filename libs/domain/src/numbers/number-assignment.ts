import { acceptAll, type Decision, refuse } from '@ringfence/kernel/decider';
import type { NumberId } from '@ringfence/kernel/ids';
import type { Refusal } from '../refusals.js';
import type { Mode } from '../shared/values.js';
import type { AssignNumbers, NumberSelection, UnassignNumbers } from './number.commands.js';
import { unknownNumber } from './number.decider.js';
import type { OwnNumber } from './own-number.js';
import type { NumbersAssigned, NumbersUnassigned, NumberTarget } from './number.events.js';

/** The most numbers that a command lists. */
export const listedNumbersMax = 100;
/** The most numbers of one event, which is at most 32 KiB. A selection of all numbers may take several events. */
const numbersPerEvent = 500;

type OwnNumbers = {
  readonly get: (numberId: NumberId) => OwnNumber | undefined;
  readonly values: () => Iterable<OwnNumber>;
};
type AssignmentView = {
  readonly numbers: OwnNumbers;
  /** The mode of an app or trunk of the account; undefined: it has none with this id. */
  readonly targetMode: (target: NumberTarget) => Mode | undefined;
};
type Assignment = Decision<NumbersAssigned | NumbersUnassigned, Refusal>;

/** @param mode of the key that issues the command: nothing of the other mode exists for it */
export function assignNumbers(command: AssignNumbers, mode: Mode, { numbers, targetMode }: AssignmentView): Assignment {
  const { selection, target, accountId, nowMs: assignedAtMs } = command;
  const selected = numbersIn(selection, mode, numbers);
  if ('refusal' in selected) return refuse(selected.refusal);
  if (targetMode(target) !== mode) return refuse(unknownTarget(target));
  const of = { type: 'NumbersAssigned', accountId, mode, target, assignedAtMs } as const;
  return acceptAll(inEvents(selected.numberIds).map((numberIds) => ({ ...of, numberIds })));
}

/** @param mode as in `assignNumbers` */
export function unassignNumbers(
  { selection, accountId, nowMs: unassignedAtMs }: UnassignNumbers,
  mode: Mode,
  numbers: OwnNumbers,
): Assignment {
  const selected = numbersIn(selection, mode, numbers);
  if ('refusal' in selected) return refuse(selected.refusal);
  const of = { type: 'NumbersUnassigned', accountId, mode, unassignedAtMs } as const;
  return acceptAll(inEvents(selected.numberIds).map((numberIds) => ({ ...of, numberIds })));
}

/** Returns one of these numbers that the account does not have in this mode; undefined: it has all of them. */
export function missingNumber(
  numberIds: readonly NumberId[],
  mode: Mode,
  numbers: Pick<OwnNumbers, 'get'>,
): NumberId | undefined {
  return numberIds.find((numberId) => numbers.get(numberId)?.mode !== mode);
}

export function isSameTarget(one: NumberTarget | null, other: NumberTarget): boolean {
  return one !== null && idOfTarget(one) === idOfTarget(other);
}

export function idOfTarget(target: NumberTarget) {
  return target.kind === 'voice_app' ? target.appId : target.trunkId;
}

type Selected = { readonly numberIds: readonly NumberId[] } | { readonly refusal: Refusal };

function numbersIn(selection: NumberSelection, mode: Mode, numbers: OwnNumbers): Selected {
  if (selection.kind === 'listed') {
    const missing = missingNumber(selection.numberIds, mode, numbers);
    return missing === undefined ? selection : { refusal: unknownNumber(missing) };
  }
  const { territories, assignedTo } = selection;
  const numberIds: NumberId[] = [];
  for (const number of numbers.values()) {
    const { territory } = number;
    const isMeant =
      number.mode === mode &&
      (territories === null || (territory !== null && territories.includes(territory))) &&
      (assignedTo === null || assignedTo.some((target) => isSameTarget(number.assignedTo, target)));
    if (isMeant) numberIds.push(number.numberId);
  }
  if (numberIds.length > 0) return { numberIds: numberIds.toSorted() };
  return { refusal: { code: 'no_numbers_selected', detail: 'The account has no number that meets the conditions.' } };
}

function inEvents(numberIds: readonly NumberId[]): readonly (readonly NumberId[])[] {
  const parts: (readonly NumberId[])[] = [];
  for (let from = 0; from < numberIds.length; from += numbersPerEvent)
    parts.push(numberIds.slice(from, from + numbersPerEvent));
  return parts;
}

function unknownTarget(target: NumberTarget): Refusal {
  return target.kind === 'voice_app'
    ? { code: 'voice_app_unknown', detail: `There is no app ${target.appId}.` }
    : { code: 'sip_trunk_unknown', detail: `There is no SIP trunk ${target.trunkId}.` };
}
