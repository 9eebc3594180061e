import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { GetTrialBalance } from '@ringfence/read-models/billing/ledger.handlers';
import type { FastifyRequest } from 'fastify';
import { accountsFor, callerOf, modeFor } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { AccountReadQuery } from '../edge/query-fields.js';
import { ReadGate } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { turnoverBody } from './turnover-body.js';

@Controller('api/v1/ledger/trial-balance')
export class ShowTrialBalanceController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(ReadGate) private readonly gate: ReadGate,
  ) {}

  @Get()
  @Operation({
    id: 'getTrialBalance',
    tag: 'Ledger',
    summary: 'Whether debits equal credits',
    description: 'Of one account; an operator who names none asks about all of them.',
    access: { scopes: ['billing:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'Turnovers, and whether they balance.', schema: 'TrialBalance' },
    read: true,
    problems: ['not_found'],
  })
  async show(
    @Query(validatedQuery(AccountReadQuery)) query: AccountReadQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const caller = callerOf(request);
    const accountId = accountsFor(caller, query.account_id, 'query');
    await this.gate.wait(request, query.min_position, ['ledger']);
    const found = await this.queries.execute(new GetTrialBalance(accountId, modeFor(caller, null)));
    return {
      account_id: accountId,
      balanced: found.balanced,
      debit_micros: String(found.debitMicros),
      credit_micros: String(found.creditMicros),
      turnovers: found.turnovers.map(turnoverBody),
    };
  }
}
