import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { Clock } from '@ringfence/kernel/clock';
import { ListKeys } from '@ringfence/read-models/keys/key.handlers';
import type { FastifyRequest } from 'fastify';
import { accountsFor, callerOf } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { CLOCK } from '../edge/ports.js';
import { PageQuery } from '../edge/query-fields.js';
import { listBody, pageRequestOf, ReadGate } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { KeyBodies } from './key-bodies.js';

@Controller('api/v1/keys')
export class ListKeysController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(KeyBodies) private readonly bodies: KeyBodies,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Operation({
    id: 'listKeys',
    tag: 'Keys',
    summary: 'Keys of an account, newest first',
    description: 'Revoked ones too. An operator who names no account sees the operators’ keys.',
    access: { scopes: ['keys:read'], operatorsOnly: false, modes: 'test_below' },
    answer: { status: status.ok, description: 'A page of keys.', schema: 'KeyList' },
    list: true,
    read: true,
    problems: ['cursor_invalid', 'not_found'],
  })
  async list(@Query(validatedQuery(PageQuery)) query: PageQuery, @Req() request: FastifyRequest): Promise<object> {
    const caller = callerOf(request);
    const home = accountsFor(caller, query.account_id, 'query');
    const pageRequest = pageRequestOf(query);
    await this.gate.wait(request, query.min_position, ['key_registry']);
    const page = await this.queries.execute(new ListKeys(home, caller.mode === 'test' ? 'test' : null, pageRequest));
    return listBody(await this.bodies.of(page.rows, this.clock.now()), page);
  }
}
