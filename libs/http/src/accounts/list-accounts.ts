import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { Clock } from '@ringfence/kernel/clock';
import type { AccountId } from '@ringfence/kernel/ids';
import { FindAccount, ListAccounts } from '@ringfence/read-models/accounts/account.handlers';
import type { FastifyRequest } from 'fastify';
import { accountFor, callerOf, limitsSeenBy } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { CLOCK } from '../edge/ports.js';
import { PageQuery } from '../edge/query-fields.js';
import { listBody, pageRequestOf, PersonalValues, ReadGate, wholePage } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { accountBody } from './account-body.js';

@Controller('api/v1/accounts')
export class ListAccountsController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Operation({
    id: 'listAccounts',
    tag: 'Accounts',
    summary: 'Accounts, newest first',
    description: 'An operator sees all of them; an account’s own key sees its account.',
    access: { scopes: ['accounts:admin'], operatorsOnly: false, modes: 'shared' },
    answer: { status: status.ok, description: 'A page of accounts.', schema: 'AccountList' },
    list: true,
    read: true,
    problems: ['cursor_invalid', 'not_found'],
  })
  async list(@Query(validatedQuery(PageQuery)) query: PageQuery, @Req() request: FastifyRequest): Promise<object> {
    const caller = callerOf(request);
    const pageRequest = pageRequestOf(query);
    await this.gate.wait(request, query.min_position, ['accounts']);
    const named = query.account_id ?? undefined;
    const one = caller.accountId !== null || named !== undefined ? accountFor(caller, named, 'query') : undefined;
    const page = one === undefined ? await this.queries.execute(new ListAccounts(pageRequest)) : await this.#only(one);
    const opened = await this.personal.open(page.rows, ['name']);
    const [seen, nowMs] = [limitsSeenBy(caller), this.clock.now()];
    const data = page.rows.map((row, at) =>
      accountBody(row, opened[at] ?? { values: { name: null }, erased: [] }, seen, nowMs),
    );
    return listBody(data, page);
  }

  async #only(accountId: AccountId) {
    const row = await this.queries.execute(new FindAccount(accountId));
    return { ...wholePage, rows: row === undefined ? [] : [row] };
  }
}
