import { getOrInsert } from '@ringfence/kernel/get-or-insert';
import type { AccountId } from '@ringfence/kernel/ids';

/** The most requests at once, of all accounts and of one. */
const requestsMax = 1_000;
export const requestsPerAccountMax = 64;

type Waiting = { readonly run: () => Promise<void> };
type OfAccount = { inFlight: number; readonly waiting: Waiting[] };

/**
 * Runs the requests of many accounts at once, those of one account in their order of arrival. An account with slow
 * endpoints delays its own requests alone. What waits is bounded by the live calls, each of which has one at most.
 */
export class RequestQueue {
  readonly #accounts = new Map<AccountId, OfAccount>();
  #inFlight = 0;

  /** @param run never rejects */
  add(accountId: AccountId, run: () => Promise<void>): void {
    getOrInsert(this.#accounts, accountId, () => ({ inFlight: 0, waiting: [] })).waiting.push({ run });
    this.#pump();
  }

  /** A Map keeps insertion order: an account that had its turn goes to the end. */
  #pump(): void {
    for (const [accountId, account] of [...this.#accounts]) {
      if (this.#inFlight >= requestsMax) return;
      if (account.inFlight >= requestsPerAccountMax) continue;
      const next = account.waiting.shift();
      if (next === undefined) continue;
      this.#accounts.delete(accountId);
      this.#accounts.set(accountId, account);
      this.#begin(accountId, account, next);
    }
  }

  #begin(accountId: AccountId, account: OfAccount, { run }: Waiting): void {
    account.inFlight += 1;
    this.#inFlight += 1;
    void run().then(() => {
      account.inFlight -= 1;
      this.#inFlight -= 1;
      if (account.inFlight === 0 && account.waiting.length === 0) this.#accounts.delete(accountId);
      this.#pump();
    });
  }
}
