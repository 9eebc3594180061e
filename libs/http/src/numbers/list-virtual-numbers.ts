import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { parseSipTrunkId, parseVoiceAppId } from '@ringfence/kernel/ids';
import type { AssigneeId } from '@ringfence/read-models/numbers/number.queries';
import { conditionValuesMax } from '@ringfence/wire/commands/numbers/selection-fields';
import { idPattern } from '@ringfence/wire/field-rule';
import type { FastifyRequest } from 'fastify';
import { accountFor, callerOf, modeFor } from '../edge/access.js';
import { TextList } from '../edge/fields.js';
import { Operation } from '../edge/operation.js';
import { pageRequestOf, ReadGate } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { NumberPageQuery, NumberPages } from './number-pages.js';
import { numberReadModels } from './number-reader.js';

class ListVirtualNumbersQuery extends NumberPageQuery {
  @TextList({
    description: 'Numbers that are assigned to one of these apps, or of the trunks in sip_trunk.',
    itemsMax: conditionValuesMax,
    each: idPattern('va'),
    itemIs: 'the id of an app',
  })
  voice_app?: readonly string[] | null;

  @TextList({
    description: 'Numbers that are assigned to one of these trunks, or of the apps in voice_app.',
    itemsMax: conditionValuesMax,
    each: idPattern('st'),
    itemIs: 'the id of a trunk',
  })
  sip_trunk?: readonly string[] | null;
}

@Controller('api/v1/virtual-numbers')
export class ListVirtualNumbersController {
  constructor(
    @Inject(NumberPages) private readonly pages: NumberPages,
    @Inject(ReadGate) private readonly gate: ReadGate,
  ) {}

  @Get()
  @Operation({
    id: 'listVirtualNumbers',
    tag: 'Numbers',
    summary: 'The numbers that an account has, the one received last first',
    description: 'Numbers that come in later change no page.',
    access: { scopes: ['numbers:write', 'calls:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'A page of numbers.', schema: 'VirtualNumberList' },
    list: true,
    read: true,
    problems: ['cursor_invalid', 'not_found'],
  })
  async list(
    @Query(validatedQuery(ListVirtualNumbersQuery)) query: ListVirtualNumbersQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const caller = callerOf(request);
    const accountId = accountFor(caller, query.account_id, 'query');
    const pageRequest = pageRequestOf(query);
    await this.gate.wait(request, query.min_position, numberReadModels);
    const filter = {
      ...{ accountId, mode: modeFor(caller, null), territories: query.location ?? null },
      assignedTo: assigneesIn(query),
    };
    return this.pages.body(filter, query.search, pageRequest);
  }
}

/** null: neither apps nor trunks are named. */
function assigneesIn({ voice_app: apps, sip_trunk: trunks }: ListVirtualNumbersQuery): readonly AssigneeId[] | null {
  if ((apps ?? trunks ?? null) === null) return null;
  const ids = [...(apps ?? []).map(parseVoiceAppId), ...(trunks ?? []).map(parseSipTrunkId)];
  return ids.filter((id) => id !== undefined);
}
