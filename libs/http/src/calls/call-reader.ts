import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { EVENT_STORE, type EventStore } from '@ringfence/ports/log/event-store';
import { parseCallId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { position } from '@ringfence/kernel/units';
import type { CallRow } from '@ringfence/read-models/calls/call-rows';
import { FindCall } from '@ringfence/read-models/calls/call.handlers';
import type { FastifyRequest } from 'fastify';
import { AccountCurrencies } from '../accounts/account-currencies.js';
import { callerOf } from '../edge/access.js';
import { catchUpMsMax, PersonalValues, ReadGate } from '../edge/reading.js';
import { edgeProblem } from '../problem.js';
import { callBody, callPersonalValues, type OpenedNumbers } from './call-body.js';
import { firstOfSeenCall } from './seen-call.js';

/** Finds calls that the caller may see, and renders them. */
@Injectable()
export class CallReader {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(AccountCurrencies) private readonly currencies: AccountCurrencies,
  ) {}

  /** @throws HttpProblem `not_found`, also for a call of another account or of the other mode; as `ReadGate.wait` */
  async read(request: FastifyRequest, callIdText: string, minPosition: string | null | undefined): Promise<CallRow> {
    const { accountId, mode } = callerOf(request);
    const callId = parseCallId(callIdText);
    const call = callId && new FindCall(callId, mode === null ? null : { accountId, mode });
    const find = async () => call && (await this.queries.execute(call));
    const found = await this.gate.read(request, minPosition, ['calls'], find);
    const row = found ?? (call && (await this.#appeared(request, call)));
    if (row === undefined) throw edgeProblem('not_found', 'there is no such call');
    return row;
  }

  /**
   * Waits for the read model if the log already has the call: clients may read a call as soon as they have placed it.
   */
  async #appeared(request: FastifyRequest, call: FindCall): Promise<CallRow | undefined> {
    const first = await firstOfSeenCall(this.store, callerOf(request), call.callId);
    if (first === undefined) return undefined;
    await this.gate.reached(request, ['calls'], position(first.position + 1), catchUpMsMax);
    return this.queries.execute(call);
  }

  /** The bodies of calls. @throws Failure `event_store_unavailable`, `vault_unavailable` (retryable) */
  async bodies(rows: readonly CallRow[]): Promise<readonly object[]> {
    const [opened, currencies] = await Promise.all([
      this.open(rows),
      Promise.all(rows.map(({ accountId }) => this.currencies.of(accountId))),
    ]);
    return rows.map((row, at) => {
      const [numbers, currency] = [opened[at], currencies[at]];
      invariant(numbers !== undefined && currency !== undefined, 'an account that has calls was opened');
      return callBody(row, numbers, currency);
    });
  }

  /** The numbers of each row. @throws Failure `vault_unavailable` (retryable) */
  open(rows: readonly CallRow[]): Promise<readonly OpenedNumbers[]> {
    return this.personal.open(rows, callPersonalValues);
  }
}
