import type { Scope } from './scopes.js';

/**
 * Rule of the wall between live and test for a command of an account's own key. Operators are outside modes.
 * - `own`: what it makes or acts on is of the key's own mode.
 * - `test_below`: as `own`; a live key may also do it to test keys.
 * - `account`: it concerns both modes of the account, so only a live key may issue it.
 */
export type ModeRule = 'own' | 'test_below' | 'account';

/** Authority over a command. */
export type Authorization = {
  /** Scope that a key needs for it; null: no key may issue it. */
  readonly scope: Scope | null;
  /** Rule for an account's own key; null: none may issue it. */
  readonly account: ModeRule | null;
  /** True if an operator's key may issue it. */
  readonly platform: boolean;
};

/** Authority over each of some commands. */
export type AuthorityOver<Command extends { readonly type: string }> = Readonly<Record<Command['type'], Authorization>>;

export const operatorsOnly: Authorization = { scope: 'accounts:admin', account: null, platform: true };
export const accountAdmin: Authorization = { scope: 'accounts:admin', account: 'account', platform: true };
export const noKey: Authorization = { scope: null, account: null, platform: false };
