import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { platformStream } from '@ringfence/kernel/ids';
import { SUBJECT_VAULT, type SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { ListAllocations } from '@ringfence/read-models/numbers/number.handlers';
import { type AllocationRow, allocationStates } from '@ringfence/read-models/numbers/number.queries';
import type { FastifyRequest } from 'fastify';
import { accountsFor, callerOf } from '../edge/access.js';
import { Choice, E164Number } from '../edge/fields.js';
import { Operation } from '../edge/operation.js';
import { PageQuery } from '../edge/query-fields.js';
import { listBody, momentText, pageRequestOf, PersonalValues, ReadGate, wholePage } from '../edge/reading.js';
import { validatedQuery } from '../edge/validated.js';
import { status } from '../problem.js';

class ListInventoryQuery extends PageQuery {
  @E164Number({ description: 'The allocations of this number.' })
  number?: string | null;

  @Choice({ description: 'Allocations in this state.', of: allocationStates })
  state?: (typeof allocationStates)[number] | null;
}

const nothing = { ...wholePage, rows: [] };

@Controller('api/v1/inventory/numbers')
export class ListInventoryController {
  constructor(
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(PersonalValues) private readonly personal: PersonalValues,
    @Inject(SUBJECT_VAULT) private readonly vault: SubjectVault,
    @Inject(ReadGate) private readonly gate: ReadGate,
  ) {}

  @Get()
  @Operation({
    id: 'listInventory',
    tag: 'Numbers',
    summary: 'Which account has which number, newest first',
    description:
      'Each row is one allocation; those that are over remain. A number is free when none of its allocations is anything but released. Operators only.',
    access: { scopes: ['accounts:admin'], operatorsOnly: true },
    answer: { status: status.ok, description: 'A page of allocations.', schema: 'InventoryList' },
    list: true,
    read: true,
    problems: ['cursor_invalid'],
  })
  async list(
    @Query(validatedQuery(ListInventoryQuery)) query: ListInventoryQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const accountId = accountsFor(callerOf(request), query.account_id, 'query') ?? undefined;
    const pageRequest = pageRequestOf(query);
    await this.gate.wait(request, query.min_position, ['numbers']);
    const { number = null, state } = query;
    const numberSubject = number === null ? undefined : ((await this.vault.find(platformStream, number)) ?? 'unknown');
    const page =
      numberSubject === 'unknown'
        ? nothing
        : await this.queries.execute(
            new ListAllocations({ accountId, numberSubject, state: state ?? undefined }, pageRequest),
          );
    const opened = await this.personal.open(page.rows, ['number']);
    return listBody(
      page.rows.map((row, at) => allocationBody(row, opened[at]?.values.number ?? null)),
      page,
    );
  }
}

function allocationBody(row: AllocationRow, number: string | null): object {
  return {
    id: row.numberId,
    account_id: row.accountId,
    number,
    mode: row.mode,
    location: { country: row.territory, kind: row.kind, locality: row.locality },
    state: row.state,
    added_at: momentText(row.addedAtMs),
    received_at: momentText(row.receivedAtMs),
    withdrawn_at: momentText(row.withdrawnAtMs),
    released_at: momentText(row.releasedAtMs),
    release_reason: row.releaseReason,
  };
}
