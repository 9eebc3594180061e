import { ledgerAccounts } from '@ringfence/domain/postings';
import { modes } from '@ringfence/domain/shared/values';
import {
  amount,
  currencyCode,
  flag,
  id,
  idOrNull,
  listOf,
  moment,
  type NamedSchemas,
  object,
  oneOf,
  page,
  positionToken,
  ref,
  text,
} from '../edge/json-schema.js';

export const ledgerSchemas: NamedSchemas = {
  Turnover: object({
    book: oneOf(modes),
    account: oneOf(ledgerAccounts),
    debit_micros: amount,
    credit_micros: amount,
    balance_micros: amount,
  }),
  Ledger: object({
    account_id: id('acc'),
    currency: currencyCode,
    books: listOf(
      object({
        book: oneOf(modes),
        available_micros: amount,
        reserved_micros: amount,
        received_micros: amount,
        charged_micros: amount,
        turnovers: listOf(ref('Turnover')),
      }),
    ),
  }),
  LedgerEntry: object({
    position: positionToken,
    book: oneOf(modes),
    event_type: text,
    subject: text,
    key_id: idOrNull('key'),
    decided_at: moment,
    lines: listOf(object({ account: oneOf(ledgerAccounts), amount_micros: amount, balance_after_micros: amount })),
  }),
  LedgerEntryList: page(ref('LedgerEntry')),
  TrialBalance: object({
    account_id: idOrNull('acc'),
    balanced: flag,
    debit_micros: amount,
    credit_micros: amount,
    turnovers: listOf(ref('Turnover')),
  }),
};
