import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { KeyFinder, type KeyHome } from '@ringfence/requests/key-finder';
import type { Clock } from '@ringfence/kernel/clock';
import { type KeyId, parseKeyId } from '@ringfence/kernel/ids';
import { epochMs } from '@ringfence/kernel/units';
import { FindKey } from '@ringfence/read-models/keys/key.handlers';
import { ListRateCounters } from '@ringfence/read-models/limits/rate-counter.handlers';
import type { FastifyRequest } from 'fastify';
import { idPattern } from '@ringfence/wire/field-rule';
import { accountFor, callerOf, sees } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { CLOCK } from '../edge/ports.js';
import { momentOf, momentText, ReadGate } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { edgeProblem, status } from '../problem.js';
import { Moment, Text } from '../edge/fields.js';
import { AccountReadQuery } from '../edge/query-fields.js';

class RateCountersQuery extends AccountReadQuery {
  @Text({ description: 'The key.', charactersMax: 40, pattern: idPattern('key'), required: true })
  key_id!: string;

  @Moment({ description: 'From this moment on; default: 5 minutes before `to`.' })
  from?: string | null;

  @Moment({ description: 'Until before this moment; default: now.' })
  to?: string | null;
}

const spanMsDefault = 300_000;

@Controller('api/v1/usage/rate-counters')
export class ShowRateCountersController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(KeyFinder) private readonly keys: KeyFinder,
  ) {}

  @Get()
  @Operation({
    id: 'getRateCounters',
    tag: 'Usage',
    summary: 'What a key asked for, second by second',
    description: 'Seconds in which nothing was asked for are left out; latest first, at most 3 600.',
    access: { scopes: ['billing:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'Accepted and refused calls by second.', schema: 'RateCounters' },
    list: true,
    read: true,
    problems: ['not_found'],
  })
  async show(
    @Query(validatedQuery(RateCountersQuery)) query: RateCountersQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const caller = callerOf(request);
    const accountId = accountFor(caller, query.account_id, 'query');
    const keyId = parseKeyId(query.key_id);
    const isSeen = (key: KeyHome) => key.accountId === accountId && sees(caller, key);
    if (keyId === undefined || !(await this.#isThere(keyId, isSeen)))
      throw edgeProblem('not_found', 'there is no such key');
    const to = typeof query.to === 'string' ? momentOf(query.to) : epochMs(this.clock.now() + 1);
    const from = typeof query.from === 'string' ? momentOf(query.from) : epochMs(Math.max(0, to - spanMsDefault));
    await this.gate.wait(request, query.min_position, ['rate_counters']);
    const rows = await this.queries.execute(new ListRateCounters(accountId, keyId, from, to));
    return {
      account_id: accountId,
      key_id: keyId,
      data: rows.map((row) => ({
        second: momentText(row.secondMs),
        accepted: row.accepted,
        refused: row.refused,
        reasons: row.reasons,
      })),
    };
  }

  /** Keys revoked long ago are only in the read model, keys issued a moment ago only in the registry. */
  async #isThere(keyId: KeyId, isSeen: (key: KeyHome) => boolean): Promise<boolean> {
    const row = await this.queries.execute(new FindKey(keyId));
    return (row !== undefined && isSeen(row)) || (await this.keys.find(keyId, isSeen)) !== undefined;
  }
}
