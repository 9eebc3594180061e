import { idPattern } from '@ringfence/wire/field-rule';
import { Text, WholeNumber } from './fields.js';
import { positionTokenPattern } from './positions.js';

/** Query parameters of every read, which may wait for a position. */
export class ReadQuery {
  @Text({
    description: 'A position that an earlier answer gave: the read waits, at most 5 s, until it has come that far.',
    charactersMax: 64,
    pattern: positionTokenPattern,
  })
  min_position?: string | null;
}

export class AccountReadQuery extends ReadQuery {
  @Text({ description: 'The account; needed with an operator’s key.', charactersMax: 40, pattern: idPattern('acc') })
  account_id?: string | null;
}

const cursorPattern = /^[A-Za-z0-9_-]{1,200}$/;

export class PageQuery extends AccountReadQuery {
  @WholeNumber({ description: 'Items on a page.', least: 1, most: 100, default: 50 })
  limit?: number | null;

  @Text({ description: 'The page after this cursor (older items).', charactersMax: 200, pattern: cursorPattern })
  cursor_after?: string | null;

  @Text({ description: 'The page before this cursor (newer items).', charactersMax: 200, pattern: cursorPattern })
  cursor_before?: string | null;
}
