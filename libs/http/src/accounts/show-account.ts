import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { Clock } from '@ringfence/kernel/clock';
import { FindAccount } from '@ringfence/read-models/accounts/account.handlers';
import type { FastifyRequest } from 'fastify';
import { accountFor, callerOf, limitsSeenBy } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { CLOCK } from '../edge/ports.js';
import { ReadQuery } from '../edge/query-fields.js';
import { PersonalValues, ReadGate } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { edgeProblem, status } from '../problem.js';
import { accountBody } from './account-body.js';

@Controller('api/v1/accounts')
export class ShowAccountController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get(':account_id')
  @Operation({
    id: 'getAccount',
    tag: 'Accounts',
    summary: 'One account',
    description: 'With the limits in force: a test key sees those of test calls alone.',
    access: { scopes: ['accounts:admin', 'billing:read'], operatorsOnly: false, modes: 'shared' },
    answer: { status: status.ok, description: 'The account.', schema: 'Account' },
    read: true,
    problems: ['not_found'],
  })
  async show(
    @Param('account_id') accountIdText: string,
    @Query(validatedQuery(ReadQuery)) query: ReadQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const caller = callerOf(request);
    const accountId = accountFor(caller, accountIdText, 'path');
    await this.gate.wait(request, query.min_position, ['accounts']);
    const row = await this.queries.execute(new FindAccount(accountId));
    if (row === undefined) throw edgeProblem('not_found', 'there is no such account');
    const [opened] = await this.personal.open([row], ['name']);
    return accountBody(row, opened ?? { values: { name: null }, erased: [] }, limitsSeenBy(caller), this.clock.now());
  }
}
