import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { Mode } from '@ringfence/domain/shared/values';
import { type AccountId, parseKeyId } from '@ringfence/kernel/ids';
import { ListEntries } from '@ringfence/read-models/billing/ledger.handlers';
import type { EntryFilter, LedgerEntry } from '@ringfence/read-models/billing/ledger.queries';
import type { FastifyRequest } from 'fastify';
import { accountFor, callerOf, modeFor } from '../../edge/access.js';
import { Operation } from '../../edge/operation.js';
import { LOG_NAME, type LogName } from '../../edge/ports.js';
import { positionToken } from '../../edge/positions.js';
import { listBody, momentOf, momentText, pageRequestOf, ReadGate } from '../../edge/reading.js';
import { validatedQuery } from '../../edge/validated.js';
import { status } from '../../problem.js';
import { EntriesQuery } from './entries.dto.js';

@Controller('api/v1/ledger/entries')
export class EntriesController {
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
      position: positionToken(this.log.logId, entry.position),
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
    subject: callId ?? undefined,
    keyId: typeof keyId === 'string' ? parseKeyId(keyId) : undefined,
    decidedAfter: typeof after === 'string' ? momentOf(after) : undefined,
    decidedBefore: typeof before === 'string' ? momentOf(before) : undefined,
  };
}
