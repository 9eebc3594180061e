import { Inject, Injectable } from '@nestjs/common';
import type { AccountId } from '@ringfence/kernel/ids';
import type { Mode } from '@ringfence/domain/shared/values';
import type { Page, PageRequest } from '@ringfence/read-models/page';
import type { FastifyRequest } from 'fastify';
import { accountFor, callerOf, modeFor } from './access.js';
import { type Named, type NamedPageQuery, NamePages } from './name-pages.js';
import { listBody, pageRequestOf, ReadGate, type ReadModelName } from './reading.js';

/** The owner of the objects of a list: one account, in one mode or (null) in both. */
type ListOwner = { readonly accountId: AccountId; readonly mode: Mode | null };

type NamedList<Row extends Named> = {
  readonly readModels: readonly ReadModelName[];
  /** Reads a page, newest first. */
  find(owner: ListOwner, request: PageRequest): Promise<Page<Row>>;
  bodies(rows: readonly Row[]): Promise<readonly object[]>;
};

/** Lists of an account's objects that have a name. */
@Injectable()
export class NamedLists {
  constructor(
    @Inject(NamePages) private readonly pages: NamePages,
    @Inject(ReadGate) private readonly gate: ReadGate,
  ) {}

  /** @throws HttpProblem `not_found` for an account that the caller may not see, `cursor_invalid`; as `wait` */
  async body<Row extends Named>(request: FastifyRequest, query: NamedPageQuery, list: NamedList<Row>): Promise<object> {
    const caller = callerOf(request);
    const owner = { accountId: accountFor(caller, query.account_id, 'query'), mode: modeFor(caller, null) };
    const asked = pageRequestOf(query);
    await this.gate.wait(request, query.min_position, list.readModels);
    const page = await this.pages.find(query.search, asked, (each) => list.find(owner, each));
    return listBody(await list.bodies(page.rows), page);
  }
}
