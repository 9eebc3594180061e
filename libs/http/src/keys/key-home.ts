import type { AccountId } from '@ringfence/kernel/ids';
import { accountFor, type Caller } from '../edge/access.js';

/** The account of a new key. null: an operators' key, which only an operator may issue. */
export function homeOfNewKey(caller: Caller, named: string | null | undefined): AccountId | null {
  return caller.accountId === null && named === 'platform' ? null : accountFor(caller, named, 'body');
}
