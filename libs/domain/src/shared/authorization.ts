import type { Scope } from './scopes.js';

/**
 * How the wall between live and test stands around a command that an account's own key presents. Operators stand outside modes.
 * - `own`: what it makes or acts on is of the key's own mode.
 * - `test_below`: as `own`; a live key may also do it to test keys.
 * - `account`: it concerns both modes of the account, so only a live key may present it.
 */
export type ModeRule = 'own' | 'test_below' | 'account';

/** Who may present a command. */
export type Authorization = {
  /** What a key needs for it; null: no key may present it. */
  readonly scope: Scope | null;
  /** What holds for an account's own key; null: none may present it. */
  readonly account: ModeRule | null;
  /** Whether an operator's key may present it. */
  readonly platform: boolean;
};

/** Who may present each of some commands. */
export type AuthorityOver<Command extends { readonly type: string }> = Readonly<Record<Command['type'], Authorization>>;

export const operatorsOnly: Authorization = { scope: 'accounts:admin', account: null, platform: true };
export const accountAdmin: Authorization = { scope: 'accounts:admin', account: 'account', platform: true };
export const noKey: Authorization = { scope: null, account: null, platform: false };
