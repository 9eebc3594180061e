import { idPattern } from '@ringfence/wire/field-rule';
import { Text, WholeNumber } from './fields.js';
import { positionTokenPattern } from './positions.js';

/** Queries of reads: every one may wait for a position. */
export class ReadQuery {
  @Text({
    says: 'A position that an earlier answer gave: the read waits, at most 5 s, until it has come that far.',
    charactersMax: 64,
    pattern: positionTokenPattern,
  })
  min_position?: string | null;
}

export class AccountReadQuery extends ReadQuery {
  @Text({ says: 'The account; needed with an operator’s key.', charactersMax: 40, pattern: idPattern('acc') })
  account_id?: string | null;
}

const cursorPattern = /^[A-Za-z0-9_-]{1,200}$/;

export class PageQuery extends AccountReadQuery {
  @WholeNumber({ says: 'Items on a page.', least: 1, most: 100, otherwise: 50 })
  limit?: number | null;

  @Text({ says: 'The page after this cursor (older items).', charactersMax: 200, pattern: cursorPattern })
  cursor_after?: string | null;

  @Text({ says: 'The page before this cursor (newer items).', charactersMax: 200, pattern: cursorPattern })
  cursor_before?: string | null;
}
