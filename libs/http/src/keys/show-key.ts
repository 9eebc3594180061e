import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { Clock } from '@ringfence/kernel/clock';
import { parseKeyId } from '@ringfence/kernel/ids';
import { FindKey } from '@ringfence/read-models/keys/key.handlers';
import type { FastifyRequest } from 'fastify';
import { callerOf, seesKey } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { CLOCK } from '../edge/ports.js';
import { ReadQuery } from '../edge/query-fields.js';
import { ReadGate } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { edgeProblem, status } from '../problem.js';
import { KeyBodies } from './key-bodies.js';

@Controller('api/v1/keys')
export class ShowKeyController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(KeyBodies) private readonly bodies: KeyBodies,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get(':key_id')
  @Operation({
    id: 'getKey',
    tag: 'Keys',
    summary: 'One key, without its secret',
    access: { scopes: ['keys:read'], operatorsOnly: false, modes: 'test_below' },
    answer: { status: status.ok, description: 'The key.', schema: 'Key' },
    read: true,
    problems: ['not_found'],
  })
  async show(
    @Param('key_id') keyIdText: string,
    @Query(validatedQuery(ReadQuery)) query: ReadQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const caller = callerOf(request);
    await this.gate.wait(request, query.min_position, ['key_registry']);
    const keyId = parseKeyId(keyIdText);
    const row = keyId === undefined ? undefined : await this.queries.execute(new FindKey(keyId));
    if (row === undefined || !seesKey(caller, row)) throw edgeProblem('not_found', 'there is no such key');
    const [body] = await this.bodies.of([row], this.clock.now());
    return body ?? {};
  }
}
