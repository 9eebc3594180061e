import { modes } from '@ringfence/domain/shared/values';
import type { Command } from 'commander';
import { choiceOption, type PageOptions, withAccount, withPage } from '../option-values.js';
import { type JsonAnswer, listIn, microsAt, textOr } from '../server/json-reading.js';
import type { Shell } from '../shell.js';
import { amountText } from '../terminal/amounts.js';
import { printPage } from '../terminal/pages.js';
import type { Terminal } from '../terminal/terminal.js';
import { exportCommand } from './export.command.js';

type EntryOptions = PageOptions & {
  readonly account?: string;
  readonly mode?: string;
  readonly call?: string;
  readonly key?: string;
  readonly from?: string;
  readonly to?: string;
};

export function ledgerCommands(program: Command, shell: Shell): void {
  const ledger = program.command('ledger').description('balances, entries and exports of the double-entry ledger');
  balances(ledger, shell);
  entries(ledger, shell);
  exportCommand(ledger, shell);
}

function balances(ledger: Command, shell: Shell): void {
  withAccount(
    ledger.command('balance').description('what is available, reserved, received and charged in each book'),
  ).action(async ({ account }: { readonly account?: string }) => {
    const answer = await (await shell.api('account')).ask('getLedger', { query: { account_id: account } });
    const { terminal } = shell;
    if (terminal.json) terminal.line(JSON.stringify(answer));
    else printBooks(answer, terminal);
  });
  ledger
    .command('trial')
    .description('turnovers of each ledger account, and whether debits equal credits')
    .option('--account <acc_…>', 'operators only; default: the presented key’s own account, for operators all accounts')
    .action(async ({ account }: { readonly account?: string }) => {
      const answer = await (await shell.api('account')).ask('getTrialBalance', { query: { account_id: account } });
      const { terminal } = shell;
      if (terminal.json) terminal.line(JSON.stringify(answer));
      else printTrialBalance(answer, terminal);
    });
}

function entries(ledger: Command, shell: Shell): void {
  withPage(withAccount(ledger.command('entries').description('entries of one book, newest first')), 20)
    .addOption(choiceOption('--mode <live|test>', 'the book (default: that of the presented key)', modes))
    .option('--call <cs_…>', 'entries of this call')
    .option('--key <key_…>', 'entries on the authority of this key')
    .option('--from <moment>', 'decided at or after this moment (RFC 3339)')
    .option('--to <moment>', 'decided before this moment (RFC 3339)')
    .action(async (options: EntryOptions) => {
      const query = {
        account_id: options.account,
        mode: options.mode,
        call_id: options.call,
        key_id: options.key,
        decided_after: options.from,
        decided_before: options.to,
        limit: options.limit,
        cursor_after: options.after,
      };
      const { terminal } = shell;
      printPage(await (await shell.api('account')).page('listLedgerEntries', { query }), terminal, (page) => {
        printEntries(page, terminal);
      });
    });
}

function printBooks(ledger: JsonAnswer, terminal: Terminal): void {
  const currency = textOr(ledger, 'currency', '');
  const columns = ['available_micros', 'reserved_micros', 'received_micros', 'charged_micros'];
  terminal.table(
    ['book', 'available', 'reserved', 'received', 'charged', 'currency'],
    listIn(ledger['books'], 'the books').map((book) => [
      textOr(book, 'book', ''),
      ...columns.map((column) => amountText(microsAt(book, column))),
      currency,
    ]),
    [1, 2, 3, 4],
  );
}

function printTrialBalance(answer: JsonAnswer, terminal: Terminal): void {
  const columns = ['debit_micros', 'credit_micros', 'balance_micros'];
  terminal.table(
    ['book', 'account', 'debit', 'credit', 'balance'],
    listIn(answer['turnovers'], 'the turnovers').map((row) => [
      textOr(row, 'book', ''),
      textOr(row, 'account', ''),
      ...columns.map((column) => amountText(microsAt(row, column))),
    ]),
    [2, 3, 4],
  );
  const balanced = answer['balanced'] === true;
  terminal.line(
    terminal.paint(balanced ? 'green' : 'red', balanced ? '✓ debits equal credits' : '✗ debits and credits differ'),
  );
}

/** A line for each line of an entry. */
function printEntries(page: readonly JsonAnswer[], terminal: Terminal): void {
  terminal.table(
    ['decided at', 'event', 'subject', 'account', 'amount', 'balance after'],
    page.flatMap((entry) =>
      listIn(entry['lines'], 'the lines of an entry').map((line) => [
        textOr(entry, 'decided_at', ''),
        textOr(entry, 'event_type', ''),
        textOr(entry, 'subject', ''),
        textOr(line, 'account', ''),
        amountText(microsAt(line, 'amount_micros')),
        amountText(microsAt(line, 'balance_after_micros')),
      ]),
    ),
    [4, 5],
  );
}
