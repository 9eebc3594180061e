import type { Turnover } from '@ringfence/read-models/billing/ledger.queries';

export function turnoverBody({ book, account, debitMicros, creditMicros, balanceMicros }: Turnover): object {
  return {
    book,
    account,
    debit_micros: String(debitMicros),
    credit_micros: String(creditMicros),
    balance_micros: String(balanceMicros),
  };
}
