import { Inject, Injectable } from '@nestjs/common';
import { parseCallId } from '@ringfence/kernel/ids';
import type { CallRow } from '@ringfence/read-models/calls/call-rows';
import { CallQueries } from '@ringfence/read-models/calls/call.queries';
import type { Caller } from '../edge/access.js';
import { PersonalValues, ReadGate } from '../edge/reading.js';
import { edgeProblem } from '../problem.js';
import { callPersonalValues, type OpenedNumbers } from './call-body.js';

/** Finds one call that the caller may see, with its numbers opened. */
@Injectable()
export class CallReader {
  constructor(
    @Inject(CallQueries) private readonly calls: CallQueries,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
    @Inject(ReadGate) private readonly gate: ReadGate,
  ) {}

  /** @throws HttpProblem `not_found`, also for a call of somebody else; as `ReadGate.wait` */
  async read(
    caller: Caller,
    callIdText: string,
    minPosition: string | null | undefined,
  ): Promise<{ readonly row: CallRow; readonly opened: OpenedNumbers }> {
    await this.gate.wait(minPosition, ['calls']);
    const callId = parseCallId(callIdText);
    const row = callId === undefined ? undefined : await this.calls.findCallOfAnyAccount(callId);
    if (row === undefined || (caller.accountId !== null && caller.accountId !== row.accountId)) {
      throw edgeProblem('not_found', 'there is no such call');
    }
    const [opened] = await this.open([row]);
    return { row, opened: opened ?? { values: { from: null, to: null }, erased: [] } };
  }

  async open(rows: readonly CallRow[]): Promise<readonly OpenedNumbers[]> {
    return this.personal.open(rows, callPersonalValues);
  }
}
