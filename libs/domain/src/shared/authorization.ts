import type { Scope } from './scopes.js';

/**
 * Rule of the wall between live and test, for a command of an account's own key. Operators are outside modes.
 * - `own`: the object that it creates or acts on must have the key's mode.
 * - `test_below`: as `own`, but a live key may also act on test keys.
 * - `account`: the command concerns both modes of the account, so only a live key may issue it.
 */
export type ModeRule = 'own' | 'test_below' | 'account';

/** The authority that a command needs. */
export type Authorization = {
  /** Scope that a key needs; null: no key may issue the command. */
  readonly scope: Scope | null;
  /** Rule for an account's own key; null: none may issue it. */
  readonly account: ModeRule | null;
  /** True if an operator's key may issue it. */
  readonly platform: boolean;
};

/** The authority that each of some commands needs. */
export type AuthorityOver<Command extends { readonly type: string }> = Readonly<Record<Command['type'], Authorization>>;

export const operatorsOnly: Authorization = { scope: 'accounts:admin', account: null, platform: true };
export const accountAdmin: Authorization = { scope: 'accounts:admin', account: 'account', platform: true };
export const noKey: Authorization = { scope: null, account: null, platform: false };
