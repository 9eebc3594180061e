import { Query } from '@nestjs/cqrs';
import type { NumberId } from '@ringfence/kernel/ids';
import type { Page, PageRequest } from '../page.js';
import { queryHandler } from '../query.handlers.js';
import {
  type AllocationFilter,
  type AllocationRow,
  type AssigneeId,
  NumberQueries,
  type OwnNumberFilter,
  type OwnNumberRow,
} from './number.queries.js';

/** A number that an account has now; undefined: none has it. */
export class FindNumber extends Query<OwnNumberRow | undefined> {
  constructor(readonly numberId: NumberId) {
    super();
  }
}

/** The numbers that an account has, the one received last first. */
export class ListNumbers extends Query<Page<OwnNumberRow>> {
  constructor(
    readonly filter: OwnNumberFilter,
    readonly page: PageRequest,
  ) {
    super();
  }
}

/** Allocations of numbers to accounts, newest first. */
export class ListAllocations extends Query<Page<AllocationRow>> {
  constructor(
    readonly filter: AllocationFilter,
    readonly page: PageRequest,
  ) {
    super();
  }
}

/** The counts of the numbers that are assigned to apps and trunks; 0 for one that is missing. */
export class CountAssignedNumbers extends Query<ReadonlyMap<AssigneeId, number>> {
  constructor(readonly ids: readonly AssigneeId[]) {
    super();
  }
}

export const numberHandlers = [
  queryHandler(FindNumber, NumberQueries, (numbers, { numberId }) => numbers.findNumber(numberId)),
  queryHandler(CountAssignedNumbers, NumberQueries, (numbers, { ids }) => numbers.countAssigned(ids)),
  queryHandler(ListNumbers, NumberQueries, (numbers, { filter, page }) => numbers.listNumbers(filter, page)),
  queryHandler(ListAllocations, NumberQueries, (numbers, { filter, page }) => numbers.listAllocations(filter, page)),
];
