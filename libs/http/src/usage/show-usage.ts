import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { Clock } from '@ringfence/kernel/clock';
import { type EpochMs, epochMs } from '@ringfence/kernel/units';
import { ListUsage } from '@ringfence/read-models/usage/usage.handlers';
import {
  type UsageRow,
  type UsageDimension,
  usageDimensions,
  type UsageGrouping,
  usageGroupings,
} from '@ringfence/read-models/usage/usage.queries';
import type { FastifyRequest } from 'fastify';
import { modes } from '@ringfence/domain/shared/values';
import { accountFor, callerOf, modeFor } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { CLOCK } from '../edge/ports.js';
import { momentOf, momentText, ReadGate } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { edgeProblem, status } from '../problem.js';
import { Choice, Moment } from '../edge/fields.js';
import { AccountReadQuery } from '../edge/query-fields.js';

class UsageQuery extends AccountReadQuery {
  @Choice({
    description:
      'The book; a key of an account may name its own mode alone, which is the default. An operator who names none sees both.',
    of: modes,
  })
  mode?: 'live' | 'test' | null;

  @Choice({
    description: 'Rows by minute, by local day of the account, or one for the whole time; default `total`.',
    of: usageGroupings,
  })
  group_by?: UsageGrouping | null;

  @Choice({ description: 'Rows by key, application or project; default `application`.', of: usageDimensions })
  by?: UsageDimension | null;

  @Moment({
    description:
      'From this moment on; default: 24 hours before `to`. By day and total it is the local day it falls in.',
  })
  from?: string | null;

  @Moment({ description: 'Until before this moment; default: now.' })
  to?: string | null;
}

const dayMs = 86_400_000;
/** The longest span of one request by minute. */
const minutesSpanMsMax = 7 * dayMs;
/** The longest span of any request. */
const spanMsMax = 400 * dayMs;

@Controller('api/v1/usage')
export class ShowUsageController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Operation({
    id: 'getUsage',
    tag: 'Usage',
    summary: 'Calls, minutes and cost',
    description: 'Latest first, then by cost. By minute at most 7 days, else at most 400.',
    access: { scopes: ['billing:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'What was used.', schema: 'Usage' },
    list: true,
    read: true,
    problems: ['mode_not_allowed', 'not_found'],
  })
  async show(@Query(validatedQuery(UsageQuery)) query: UsageQuery, @Req() request: FastifyRequest): Promise<object> {
    const caller = callerOf(request);
    const accountId = accountFor(caller, query.account_id, 'query');
    const mode = modeFor(caller, query.mode);
    const groupBy = query.group_by ?? 'total';
    const { from, to } = this.#span(query, groupBy === 'minute' ? minutesSpanMsMax : spanMsMax);
    await this.gate.wait(request, query.min_position, ['usage']);
    const by = query.by ?? 'application';
    const rows = await this.queries.execute(new ListUsage({ accountId, mode, groupBy, by, from, to }));
    return {
      account_id: accountId,
      from: momentText(from),
      to: momentText(to),
      group_by: groupBy,
      by,
      data: rows.map(usageBody),
    };
  }

  #span(query: UsageQuery, longestMs: number): { readonly from: EpochMs; readonly to: EpochMs } {
    const to = typeof query.to === 'string' ? momentOf(query.to) : epochMs(this.clock.now() + 1);
    const from = typeof query.from === 'string' ? momentOf(query.from) : epochMs(Math.max(0, to - dayMs));
    if (to > from && to - from <= longestMs) return { from, to };
    const detail = `is before \`to\`, by at most ${String(longestMs / dayMs)} days`;
    throw edgeProblem('validation_failed', `from ${detail}`, {
      errors: [{ in: 'query', path: ['from'], rule: 'span', detail }],
    });
  }
}

function usageBody(row: UsageRow): object {
  return {
    minute: momentText(row.minuteMs),
    local_day: row.localDay,
    mode: row.mode,
    value: row.value,
    calls: row.calls,
    answered: row.answered,
    failed: row.failed,
    refused: row.refused,
    talk_time_ms: row.talkTimeMs,
    billed_ms: row.billedMs,
    cost_micros: String(row.costMicros),
    average_cost_micros: row.averageCostMicros === null ? null : String(row.averageCostMicros),
  };
}
