import type { NumberId, SubjectId } from '@ringfence/kernel/ids';
import { Map as ImmutableMap } from 'immutable';
import type { VoiceAppCreated } from '../../apps/voice-app.events.js';
import type { OwnNumber } from '../../numbers/own-number.js';
import type {
  NumberReceived,
  NumbersAssigned,
  NumbersUnassigned,
  NumberTarget,
  NumberWithdrawn,
} from '../../numbers/number.events.js';
import type { Stored } from './slice.js';

export type NumbersShare = {
  /** The numbers that the account has. */
  readonly numbers: ImmutableMap<NumberId, OwnNumber>;
  /** The same numbers, by the account's subjects. */
  readonly numbersBySubject: ImmutableMap<SubjectId, NumberId>;
};

export const initial: NumbersShare = { numbers: ImmutableMap(), numbersBySubject: ImmutableMap() };

export function received({ numbers, numbersBySubject }: NumbersShare, event: NumberReceived): NumbersShare {
  const { numberId, mode, territory, ownNumber } = event;
  const { subjectId } = ownNumber;
  return {
    numbers: numbers.set(numberId, { numberId, mode, territory, subjectId, assignedTo: null }),
    numbersBySubject: numbersBySubject.set(subjectId, numberId),
  };
}

export function assigned(before: NumbersShare, { numberIds, target }: NumbersAssigned): Partial<NumbersShare> {
  return withTarget(before, numberIds, target);
}

export function unassigned(before: NumbersShare, { numberIds }: NumbersUnassigned): Partial<NumbersShare> {
  return withTarget(before, numberIds, null);
}

export function appCreated(before: NumbersShare, { numberIds, appId }: VoiceAppCreated): Partial<NumbersShare> {
  return numberIds.length === 0 ? {} : withTarget(before, numberIds, { kind: 'voice_app', appId });
}

export function withdrawn({ numbers, numbersBySubject }: NumbersShare, event: NumberWithdrawn): NumbersShare {
  const { numberId } = event;
  const own = numbers.get(numberId);
  const isNamed = own !== undefined && numbersBySubject.get(own.subjectId) === numberId;
  return {
    numbers: numbers.delete(numberId),
    numbersBySubject: isNamed ? numbersBySubject.delete(own.subjectId) : numbersBySubject,
  };
}

export function restored({ numbers }: Stored): NumbersShare {
  return {
    numbers: ImmutableMap(numbers.map((number) => [number.numberId, number])),
    numbersBySubject: ImmutableMap(numbers.map((number) => [number.subjectId, number.numberId])),
  };
}

function withTarget(
  { numbers }: NumbersShare,
  numberIds: readonly NumberId[],
  assignedTo: NumberTarget | null,
): Pick<NumbersShare, 'numbers'> {
  return {
    numbers: numbers.withMutations((changing) => {
      for (const numberId of numberIds) {
        const own = changing.get(numberId);
        if (own !== undefined) changing.set(numberId, { ...own, assignedTo });
      }
    }),
  };
}
