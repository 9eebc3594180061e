import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { EventStore } from '@ringfence/event-store/event-store';
import { type CallId, parseCallId } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import { ProjectionProgress } from '@ringfence/projections/projection-progress';
import type { CallRow } from '@ringfence/read-models/calls/call-rows';
import { FindCall } from '@ringfence/read-models/calls/call.handlers';
import { type Caller, sees } from '../edge/access.js';
import { EVENT_STORE } from '../edge/ports.js';
import { catchUpMsMax, PersonalValues, ReadGate } from '../edge/reading.js';
import { edgeProblem } from '../problem.js';
import { callPersonalValues, type OpenedNumbers } from './call-body.js';

/** Finds one call that the caller may see, with its numbers opened. */
@Injectable()
export class CallReader {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(ProjectionProgress) private readonly progress: ProjectionProgress,
  ) {}

  /** @throws HttpProblem `not_found`, also for a call of somebody else or of the other mode; as `ReadGate.wait` */
  async read(
    caller: Caller,
    callIdText: string,
    minPosition: string | null | undefined,
  ): Promise<{ readonly row: CallRow; readonly opened: OpenedNumbers }> {
    await this.gate.wait(minPosition, ['calls']);
    const callId = parseCallId(callIdText);
    const row = callId === undefined ? undefined : await this.#find(callId);
    if (row === undefined || !sees(caller, row)) {
      throw edgeProblem('not_found', 'there is no such call');
    }
    const [opened] = await this.open([row]);
    return { row, opened: opened ?? { values: { from: null, to: null }, erased: [] } };
  }

  /** A call that stands in the log already is waited for: who has placed it may look at it at once. */
  async #find(callId: CallId): Promise<CallRow | undefined> {
    const found = await this.queries.execute(new FindCall(callId));
    if (found !== undefined) return found;
    const [first] = await this.store.readSubject(callId, 1);
    if (first === undefined) return undefined;
    await this.progress.waitFor(['calls'], position(first.position + 1), catchUpMsMax);
    return this.queries.execute(new FindCall(callId));
  }

  async open(rows: readonly CallRow[]): Promise<readonly OpenedNumbers[]> {
    return this.personal.open(rows, callPersonalValues);
  }
}
