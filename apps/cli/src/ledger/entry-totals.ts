import { cliFailures } from '../failures.js';
import { type JsonAnswer, listIn, microsAt, textAt } from '../server/json-reading.js';

/** Sums entries, and checks that they form a ledger. Entries are added newest first, as a server lists them. */
export class EntryTotals {
  entries = 0;
  debitMicros = 0n;
  creditMicros = 0n;
  /** The balance of each ledger account before its oldest entry so far; the next older entry must end at it. */
  readonly #expected = new Map<string, bigint>();

  /** @throws Failure `ledger_broken` for an entry that does not sum to zero, or does not lead to the next balance */
  add(entry: JsonAnswer): void {
    let sum = 0n;
    for (const line of listIn(entry['lines'], 'the lines of an entry')) {
      const account = textAt(line, 'account');
      const amount = microsAt(line, 'amount_micros');
      const after = microsAt(line, 'balance_after_micros');
      const expected = this.#expected.get(account);
      if (expected !== undefined && expected !== after)
        throw cliFailures.ledger_broken(
          textAt(entry, 'position'),
          `the balance of ${account} does not lead to the next entry`,
        );
      this.#expected.set(account, after - amount);
      sum += amount;
      if (amount > 0n) this.debitMicros += amount;
      else this.creditMicros -= amount;
    }
    if (sum !== 0n) throw cliFailures.ledger_broken(textAt(entry, 'position'), 'its lines do not add up to zero');
    this.entries += 1;
  }
}
