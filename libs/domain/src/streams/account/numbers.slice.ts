import type { NumberId } from '@ringfence/kernel/ids';
import { Map as ImmutableMap } from 'immutable';
import type { OwnNumber } from '../../numbers/number.decider.js';
import type { NumberReceived, NumberWithdrawn } from '../../numbers/number.events.js';
import type { Stored } from './slice.js';

export type NumbersShare = {
  /** The numbers that the account has. */
  readonly numbers: ImmutableMap<NumberId, OwnNumber>;
};

export const initial: NumbersShare = { numbers: ImmutableMap() };

export function received({ numbers }: NumbersShare, { numberId, mode }: NumberReceived): NumbersShare {
  return { numbers: numbers.set(numberId, { numberId, mode }) };
}

export function withdrawn({ numbers }: NumbersShare, { numberId }: NumberWithdrawn): NumbersShare {
  return { numbers: numbers.delete(numberId) };
}

export function restored({ numbers }: Stored): NumbersShare {
  return { numbers: ImmutableMap(numbers.map((number) => [number.numberId, number])) };
}
