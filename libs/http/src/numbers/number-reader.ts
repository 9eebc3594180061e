import { Inject, Injectable } from '@nestjs/common';
import type { AllocatedNumber } from '@ringfence/domain/numbers/number.events';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { type NumberId, parseNumberId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { EVENT_STORE, type EventStore } from '@ringfence/ports/log/event-store';
import { type Opened, PersonalValues } from '../edge/reading.js';
import { edgeProblem } from '../problem.js';

const personalValues = ['number', 'name'] as const;
type OpenedNumber = Opened<(typeof personalValues)[number]>;

/** Finds numbers that are named by their ids, and renders them. */
@Injectable()
export class NumberReader {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
  ) {}

  /**
   * The number as it was added, to whichever account. It reads the log, so that a number added a moment ago is found.
   * @throws HttpProblem `not_found`; Failure `event_store_unavailable` (retryable)
   */
  async added(numberId: NumberId): Promise<AllocatedNumber> {
    const [first] = await this.store.readSubject(numberId, 1);
    if (first === undefined) throw noSuchNumber();
    const { data } = decodeRecorded(first);
    invariant(data.type === 'NumberAdded', 'the first event of a number is its addition');
    return data;
  }

  /** The bodies of numbers. @throws Failure `vault_unavailable` (retryable) */
  async bodies(numbers: readonly AllocatedNumber[]): Promise<readonly NumberBody[]> {
    const opened = await this.personal.open(numbers, personalValues);
    return numbers.map((number, at) => {
      const values = opened[at];
      invariant(values !== undefined, 'every number was opened');
      return numberBody(number, values);
    });
  }
}

/** @throws HttpProblem `not_found` for a text that is no id of a number */
export function numberIdIn(text: string): NumberId {
  const numberId = parseNumberId(text);
  if (numberId === undefined) throw noSuchNumber();
  return numberId;
}

function noSuchNumber(): Error {
  return edgeProblem('not_found', 'there is no such number');
}

export type NumberBody = ReturnType<typeof numberBody>;

/** A number in Teler's fields, with its mode. An erased name is null, and is named in `erased`. */
function numberBody(number: AllocatedNumber, { values, erased }: OpenedNumber) {
  const { numberId, accountId, mode, territory, kind, locality } = number;
  return {
    id: numberId,
    account_id: accountId,
    name: values.name,
    number: values.number,
    location: { country: territory, kind, locality },
    voice_app: null, // no number is assigned in this release
    sip_trunk: null,
    mode,
    erased,
  };
}
