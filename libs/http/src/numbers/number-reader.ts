import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { AllocatedNumber } from '@ringfence/domain/numbers/number.events';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { type NumberId, parseNumberId, parseSipTrunkId, parseVoiceAppId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { EVENT_STORE, type EventStore } from '@ringfence/ports/log/event-store';
import { FindVoiceAppNames } from '@ringfence/read-models/apps/voice-apps.handlers';
import type { AssigneeId } from '@ringfence/read-models/numbers/number.queries';
import { FindSipTrunkNames } from '@ringfence/read-models/trunks/trunks.handlers';
import { type Opened, PersonalValues } from '../edge/reading.js';
import { edgeProblem } from '../problem.js';

const personalValues = ['number', 'name'] as const;
type OpenedNumber = Opened<(typeof personalValues)[number]>;
/** A number with the app or trunk that it is assigned to. */
type ShownNumber = AllocatedNumber & { readonly assignedTo: AssigneeId | null };
/** The read models that numbers are shown from: the others have the names of apps and trunks. */
export const numberReadModels = ['numbers', 'voice_apps', 'trunks'] as const;

/** Finds numbers that are named by their ids, and renders them. */
@Injectable()
export class NumberReader {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
    @Inject(QueryBus) private readonly queries: QueryBus,
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

  /** The bodies of numbers. @throws Failure `vault_unavailable`, `database_unavailable` (retryable) */
  async bodies(numbers: readonly ShownNumber[]): Promise<readonly NumberBody[]> {
    const [opened, names] = await Promise.all([
      this.personal.open(numbers, personalValues),
      this.#namesOf(numbers.flatMap(({ assignedTo }) => assignedTo ?? [])),
    ]);
    return numbers.map((number, at) => {
      const values = opened[at];
      invariant(values !== undefined, 'every number was opened');
      const { assignedTo } = number;
      return numberBody(number, values, assignedTo === null ? null : (names.get(assignedTo) ?? null));
    });
  }

  /** The names of apps and trunks; a name that is missing was erased. */
  async #namesOf(assignees: readonly AssigneeId[]): Promise<ReadonlyMap<AssigneeId, string | null>> {
    const [appIds, trunkIds] = [distinct(assignees.map(parseVoiceAppId)), distinct(assignees.map(parseSipTrunkId))];
    const [apps, trunks] = await Promise.all([
      appIds.length === 0 ? [] : this.queries.execute(new FindVoiceAppNames(appIds)),
      trunkIds.length === 0 ? [] : this.queries.execute(new FindSipTrunkNames(trunkIds)),
    ]);
    const opened = await this.personal.open([...apps, ...trunks], ['name']);
    const ids: readonly AssigneeId[] = [...apps.map(({ appId }) => appId), ...trunks.map(({ trunkId }) => trunkId)];
    return new Map(ids.map((id, at) => [id, opened[at]?.values.name ?? null]));
  }
}

function distinct<Id>(ids: readonly (Id | undefined)[]): readonly Id[] {
  return [...new Set(ids)].filter((id) => id !== undefined);
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
function numberBody(number: ShownNumber, { values, erased }: OpenedNumber, assigneeName: string | null) {
  const { numberId, accountId, mode, territory, kind, locality, assignedTo } = number;
  const assignee = assignedTo === null ? null : { id: assignedTo, name: assigneeName };
  return {
    id: numberId,
    account_id: accountId,
    name: values.name,
    number: values.number,
    location: { country: territory, kind, locality },
    voice_app: assignee !== null && parseVoiceAppId(assignee.id) !== undefined ? assignee : null,
    sip_trunk: assignee !== null && parseSipTrunkId(assignee.id) !== undefined ? assignee : null,
    mode,
    erased,
  };
}
