import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { AccountId } from '@ringfence/kernel/ids';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { ListCalls } from '@ringfence/read-models/calls/call.handlers';
import type { CallFilter } from '@ringfence/read-models/calls/call.queries';
import type { FastifyRequest } from 'fastify';
import { callerOf, modeFor } from '../edge/access.js';
import { notDescribed } from '../edge/described.js';
import { Operation } from '../edge/operation.js';
import { ReadGate, wholePage } from '../edge/reading.js';
import { status } from '../problem.js';
import { accountNamed } from './twilio-access.js';
import { TwilioCalls } from './twilio-calls.js';
import { callFilterIn, listParameters, unsupportedFilters } from './twilio-call-filter.js';
import { pageBody, pageOf } from './twilio-pages.js';
import { queryOf, TwilioParameters } from './twilio-parameters.js';

const nothing = { ...wholePage, rows: [] };

@notDescribed()
@Controller('2010-04-01/Accounts')
export class ListTwilioCallsController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(SUBJECT_VAULT) private readonly vault: SubjectVault,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(TwilioCalls) private readonly calls: TwilioCalls,
  ) {}

  @Get([':account_sid/Calls', ':account_sid/Calls.json'])
  @Operation({
    id: 'listTwilioCalls',
    tag: 'Twilio',
    summary: 'Calls, newest first',
    access: { scopes: ['calls:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'A page of calls.', schema: {} },
    problems: ['validation_failed'],
  })
  async list(
    @Param('account_sid') accountSid: string,
    // Read from the URL below, with the operators in the names.
    @Query() _query: object,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const accountId = accountNamed(request, accountSid);
    const parameters = TwilioParameters.read(queryOf(request.url), 'query', listParameters, unsupportedFilters);
    const page = pageOf(parameters);
    await this.gate.wait(request, null, ['calls']);
    const filter = await this.#filterOf(request, parameters, accountId);
    const found = filter === undefined ? nothing : await this.queries.execute(new ListCalls(filter, page.request));
    return pageBody(await this.calls.bodies(found.rows, accountId), found, page, { accountId, parameters });
  }

  /** @returns undefined: no call can match */
  async #filterOf(
    request: FastifyRequest,
    parameters: TwilioParameters,
    accountId: AccountId,
  ): Promise<CallFilter | undefined> {
    const filter = callFilterIn(parameters);
    const subjectOf = async (name: string) => {
      const number = parameters.get(name);
      return number === undefined ? undefined : ((await this.vault.find(accountId, number)) ?? null);
    };
    const [fromSubject, toSubject] = await Promise.all([subjectOf('From'), subjectOf('To')]);
    // No call has a parent in this release.
    if (fromSubject === null || toSubject === null || parameters.get('ParentCallSid') !== undefined) return undefined;
    return { ...filter, accountId, mode: modeFor(callerOf(request), null), fromSubject, toSubject };
  }
}
