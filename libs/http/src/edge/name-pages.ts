import { Inject, Injectable } from '@nestjs/common';
import type { SealedText } from '@ringfence/domain/shared/values';
import type { Position } from '@ringfence/kernel/units';
import { type Page, type PageRequest, pageOf } from '@ringfence/read-models/page';
import { Text } from './fields.js';
import { PageQuery } from './query-fields.js';
import { PersonalValues } from './reading.js';

export class NamedPageQuery extends PageQuery {
  @Text({ description: 'Those whose name contains this text, in either case of its letters.', charactersMax: 200 })
  search?: string | null;
}

/** A row of a list that is searched by name. */
export type Named = { readonly name: SealedText; readonly createdPosition: Position };

/** The most rows that are read at a time. */
const rowsAtOnce = 500;

/**
 * Pages of objects with a name, which is sealed. A search opens the names of all of them, so it is only for objects of
 * which an account has a bounded number.
 */
@Injectable()
export class NamePages {
  constructor(@Inject(PersonalValues) private readonly personal: PersonalValues) {}

  /**
   * @param search undefined or null: every object
   * @param list reads a page, newest first
   * @throws as `list`; Failure `vault_unavailable` (retryable)
   */
  async find<Row extends Named>(
    search: string | null | undefined,
    request: PageRequest,
    list: (request: PageRequest) => Promise<Page<Row>>,
  ): Promise<Page<Row>> {
    if (typeof search !== 'string') return list(request);
    const found: Row[] = [];
    for (let cursor: PageRequest['cursor'] = undefined; ;) {
      const page: Page<Row> = await list({ limit: rowsAtOnce, cursor });
      found.push(...(await this.#matching(page.rows, search)));
      if (page.next === null) break;
      cursor = { after: page.next };
    }
    return pageOf(request, planned(found, request), positionOf, (row) => row);
  }

  async #matching<Row extends Named>(rows: readonly Row[], search: string): Promise<readonly Row[]> {
    const wanted = search.toLowerCase();
    const opened = await this.personal.open(rows, ['name']);
    return rows.filter((_, at) => opened[at]?.values.name?.toLowerCase().includes(wanted) ?? false);
  }
}

/** The rows that the statement of a page would find among these, which are newest first. */
function planned<Row extends Named>(rows: readonly Row[], { limit, cursor }: PageRequest): readonly Row[] {
  const fetch = limit + 1;
  if (cursor === undefined) return rows.slice(0, fetch);
  if ('after' in cursor) return rows.filter((row) => positionOf(row) < cursor.after).slice(0, fetch);
  const newer = rows.filter((row) => positionOf(row) > cursor.before);
  return newer.toReversed().slice(0, fetch);
}

function positionOf({ createdPosition }: Named): Position {
  return createdPosition;
}
