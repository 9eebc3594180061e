import type { AccountLimits } from '@ringfence/domain/limits/account-limits';
import type { Mode } from '@ringfence/domain/shared/values';
import type { AccountId } from '@ringfence/kernel/ids';

export type Rate = Pick<AccountLimits, 'callsPerSecond' | 'burstCalls'>;
export type AccountRate = Rate & { readonly accountId: AccountId; readonly mode: Mode };

/** The rates of accounts whose limits were set, folded from the log: one entry per account and mode. */
export class AccountRates {
  readonly #rates = new Map<string, Rate>();

  replace(rates: Iterable<AccountRate>): void {
    this.#rates.clear();
    for (const rate of rates) this.set(rate);
  }

  set({ accountId, mode, callsPerSecond, burstCalls }: AccountRate): void {
    this.#rates.set(nameOf(accountId, mode), { callsPerSecond, burstCalls });
  }

  /** @returns undefined: the account's limits were never set, so the platform's apply */
  of(accountId: AccountId, mode: Mode): Rate | undefined {
    return this.#rates.get(nameOf(accountId, mode));
  }
}

function nameOf(accountId: AccountId, mode: Mode): string {
  return `${accountId} ${mode}`;
}
