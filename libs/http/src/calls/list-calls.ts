import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { parseVoiceAppId } from '@ringfence/kernel/ids';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { ListCalls } from '@ringfence/read-models/calls/call.handlers';
import type { CallFilter } from '@ringfence/read-models/calls/call.queries';
import type { FastifyRequest } from 'fastify';
import { callStates } from '@ringfence/read-models/calls/call-rows';
import { accountFor, callerOf, modeFor } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { listBody, momentOf, pageRequestOf, ReadGate, wholePage } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { idPattern } from '@ringfence/wire/field-rule';
import { Choice, E164Number, Moment, Text } from '../edge/fields.js';
import { PageQuery } from '../edge/query-fields.js';
import { CallReader } from './call-reader.js';

export class ListCallsQuery extends PageQuery {
  @Choice({ description: 'Calls in this state.', of: callStates })
  state?: (typeof callStates)[number] | null;

  @E164Number({ description: 'Calls that showed this caller number.' })
  from_number?: string | null;

  @E164Number({ description: 'Calls to this number.' })
  to_number?: string | null;

  @Text({ description: 'Calls under this voice app.', charactersMax: 40, pattern: idPattern('va') })
  voice_app_id?: string | null;

  @Moment({ description: 'Calls placed at or after this moment.' })
  created_after?: string | null;

  @Moment({ description: 'Calls placed before this moment.' })
  created_before?: string | null;
}

const nothing = { ...wholePage, rows: [] };

@Controller('api/v1/voice/calls')
export class ListCallsController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(CallReader) private readonly reader: CallReader,
    @Inject(SUBJECT_VAULT) private readonly vault: SubjectVault,
    @Inject(ReadGate) private readonly gate: ReadGate,
  ) {}

  @Get()
  @Operation({
    id: 'listCalls',
    tag: 'Calls',
    summary: 'Calls, newest first',
    description: 'Calls that come in later change no page.',
    access: { scopes: ['calls:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'A page of calls.', schema: 'CallList' },
    list: true,
    read: true,
    problems: ['cursor_invalid', 'not_found'],
  })
  async list(
    @Query(validatedQuery(ListCallsQuery)) query: ListCallsQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const caller = callerOf(request);
    const accountId = accountFor(caller, query.account_id, 'query');
    const pageRequest = pageRequestOf(query);
    await this.gate.wait(request, query.min_position, ['calls']);
    const filter = await this.#filterOf({ accountId, mode: modeFor(caller, null) }, query);
    const page = filter === undefined ? nothing : await this.queries.execute(new ListCalls(filter, pageRequest));
    return listBody(await this.reader.bodies(page.rows), page);
  }

  /** @returns undefined: the account has never used the number, so no call can match */
  async #filterOf(
    { accountId, mode }: Pick<CallFilter, 'accountId' | 'mode'>,
    query: ListCallsQuery,
  ): Promise<CallFilter | undefined> {
    const { state, from_number: from, to_number: to, created_after: after, created_before: before } = query;
    const subjectOf = async (number: string | null | undefined) =>
      typeof number === 'string' ? ((await this.vault.find(accountId, number)) ?? 'unknown') : undefined;
    const [fromSubject, toSubject] = await Promise.all([subjectOf(from), subjectOf(to)]);
    if (fromSubject === 'unknown' || toSubject === 'unknown') return undefined;
    return {
      accountId,
      mode,
      state: state ?? undefined,
      fromSubject,
      toSubject,
      voiceAppId: typeof query.voice_app_id === 'string' ? parseVoiceAppId(query.voice_app_id) : undefined,
      createdAfter: typeof after === 'string' ? momentOf(after) : undefined,
      createdBefore: typeof before === 'string' ? momentOf(before) : undefined,
    };
  }
}
