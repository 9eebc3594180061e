import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ListBalances } from '@ringfence/read-models/billing/ledger.handlers';
import type { FastifyRequest } from 'fastify';
import { AccountCurrencies } from '../accounts/account-currencies.js';
import { accountFor, callerOf, modeFor } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { AccountReadQuery } from '../edge/query-fields.js';
import { ReadGate } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { edgeProblem, status } from '../problem.js';
import { turnoverBody } from './turnover-body.js';

@Controller('api/v1/ledger')
export class ShowLedgerController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(AccountCurrencies) private readonly currencies: AccountCurrencies,
  ) {}

  @Get()
  @Operation({
    id: 'getLedger',
    tag: 'Ledger',
    summary: 'An account’s money, book by book',
    access: { scopes: ['billing:read'], operatorsOnly: false, modes: 'own' },
    answer: {
      status: status.ok,
      description: 'One entry for each book that was ever used and that the key may see.',
      schema: 'Ledger',
    },
    read: true,
    problems: ['not_found'],
  })
  async show(
    @Query(validatedQuery(AccountReadQuery)) query: AccountReadQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const caller = callerOf(request);
    const accountId = accountFor(caller, query.account_id, 'query');
    await this.gate.wait(request, query.min_position, ['ledger']);
    const balances = await this.queries.execute(new ListBalances(accountId, modeFor(caller, null)));
    const currency = await this.currencies.of(accountId);
    if (currency === undefined) throw edgeProblem('not_found', 'there is no such account');
    return {
      account_id: accountId,
      currency,
      books: balances.map((balance) => ({
        book: balance.book,
        available_micros: String(balance.availableMicros),
        reserved_micros: String(balance.reservedMicros),
        received_micros: String(balance.receivedMicros),
        charged_micros: String(balance.chargedMicros),
        turnovers: balance.turnovers.map(turnoverBody),
      })),
    };
  }
}
