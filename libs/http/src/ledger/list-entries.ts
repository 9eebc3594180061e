import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { type Mode, modes } from '@ringfence/domain/shared/values';
import { type AccountId, parseCallId, parseKeyId } from '@ringfence/kernel/ids';
import { ListEntries } from '@ringfence/read-models/billing/ledger.handlers';
import type { EntryFilter, LedgerEntry } from '@ringfence/read-models/billing/ledger.queries';
import type { FastifyRequest } from 'fastify';
import { idPattern } from '@ringfence/wire/field-rule';
import { accountFor, callerOf, modeFor } from '../edge/access.js';
import { Operation } from '../edge/operation.js';
import { LOG_NAME, type LogName } from '../edge/ports.js';
import { positionTokenOf } from '../edge/positions.js';
import { listBody, momentOf, momentText, pageRequestOf, ReadGate } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';
import { Choice, Moment, Text } from '../edge/fields.js';
import { PageQuery } from '../edge/query-fields.js';

class EntriesQuery extends PageQuery {
  @Choice({
    description: 'The book; default, and the only one that a key of an account may name: that of the presented key.',
    of: modes,
  })
  mode?: 'live' | 'test' | null;

  @Text({ description: 'Entries of this call.', charactersMax: 40, pattern: idPattern('cs') })
  call_id?: string | null;

  @Text({ description: 'Entries on the authority of this key.', charactersMax: 40, pattern: idPattern('key') })
  key_id?: string | null;

  @Moment({ description: 'Entries decided at or after this moment.' })
  decided_after?: string | null;

  @Moment({ description: 'Entries decided before this moment.' })
  decided_before?: string | null;
}

@Controller('api/v1/ledger/entries')
export class ListEntriesController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(ReadGate) private readonly gate: ReadGate,
    @Inject(LOG_NAME) private readonly log: LogName,
  ) {}

  @Get()
  @Operation({
    id: 'listLedgerEntries',
    tag: 'Ledger',
    summary: 'Entries of one book, newest first',
    description: 'An entry is what one event moved; its lines add up to zero.',
    access: { scopes: ['billing:read'], operatorsOnly: false, modes: 'own' },
    answer: { status: status.ok, description: 'A page of entries.', schema: 'LedgerEntryList' },
    list: true,
    read: true,
    problems: ['cursor_invalid', 'mode_not_allowed', 'not_found'],
  })
  async list(
    @Query(validatedQuery(EntriesQuery)) query: EntriesQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const caller = callerOf(request);
    const accountId = accountFor(caller, query.account_id, 'query');
    const pageRequest = pageRequestOf(query);
    const book = modeFor(caller, query.mode) ?? caller.entry.mode;
    await this.gate.wait(request, query.min_position, ['ledger']);
    const page = await this.queries.execute(new ListEntries(filterOf(accountId, book, query), pageRequest));
    return listBody(
      page.rows.map((entry) => this.#body(entry)),
      page,
    );
  }

  #body(entry: LedgerEntry): object {
    return {
      position: positionTokenOf(this.log.logId, entry.position),
      book: entry.book,
      event_type: entry.eventType,
      subject: entry.subject,
      key_id: entry.keyId,
      decided_at: momentText(entry.decidedAtMs),
      lines: entry.lines.map((line) => ({
        account: line.account,
        amount_micros: String(line.amountMicros),
        balance_after_micros: String(line.balanceAfterMicros),
      })),
    };
  }
}

function filterOf(accountId: AccountId, mode: Mode, query: EntriesQuery): EntryFilter {
  const { call_id: callId, key_id: keyId, decided_after: after, decided_before: before } = query;
  return {
    accountId,
    mode,
    callId: typeof callId === 'string' ? parseCallId(callId) : undefined,
    keyId: typeof keyId === 'string' ? parseKeyId(keyId) : undefined,
    decidedAfter: typeof after === 'string' ? momentOf(after) : undefined,
    decidedBefore: typeof before === 'string' ? momentOf(before) : undefined,
  };
}
