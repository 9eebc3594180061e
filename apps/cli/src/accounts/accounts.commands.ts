import { publicCommands } from '@ringfence/wire/public-commands';
import type { Command } from 'commander';
import { addFieldOptions, bodyOf, fieldOptions, type FieldOptions } from '../fields/field-options.js';
import { type PageOptions, type Repeatable, withIdempotencyKey, withPage } from '../option-values.js';
import { type JsonAnswer, textOr } from '../server/json-reading.js';
import type { OperationId } from '../server/operations.js';
import type { Shell } from '../shell.js';
import { printPage } from '../terminal/pages.js';
import { printDone, printRecord, printRows } from '../terminal/records.js';
import { limitsCommand } from './account-limits.command.js';

type Given = Readonly<Record<string, unknown>> & Repeatable;

const openingOptions = fieldOptions(publicCommands.open_account.fields);
const suspensionOptions = fieldOptions(publicCommands.suspend_account.fields, { reason: 'requested' });
const creditOptions = fieldOptions(publicCommands.add_credit.fields);
const erasureOptions = fieldOptions(publicCommands.erase_subject.fields);

export function accountsCommands(program: Command, shell: Shell): void {
  const accounts = program.command('accounts').description('open, verify, limit, suspend and credit accounts');
  openAndVerify(accounts, shell);
  listAndShow(accounts, shell);
  suspendAndResume(accounts, shell);
  limitsCommand(accounts, shell);
  change(accounts, shell, {
    command: 'time-zone <acc_…> <zone>',
    description: 'change the zone of its local days, from the next one on: Europe/Berlin',
    operation: 'changeTimeZone',
    body: (_options, timeZone) => ({ time_zone: timeZone }),
    done: (id, answer) =>
      `${id}: days in ${textOr(answer, 'time_zone', '')} from ${textOr(answer, 'first_day', '')} on`,
  });
  change(accounts, shell, {
    command: 'credit <acc_…>',
    description: 'add credit to one of its books (operators only)',
    operation: 'addCredit',
    options: creditOptions,
    done: (id, answer) =>
      `${id}: ${textOr(answer, 'amount_micros', '')} micros in the ${textOr(answer, 'mode', '')} book`,
  });
  change(accounts, shell, {
    command: 'erase <acc_…>',
    description: 'erase a personal value for good, by the value or its subject',
    operation: 'eraseSubject',
    options: erasureOptions,
    done: (id, answer) => `${id}: ${textOr(answer, 'subject_id', '')} is erased`,
  });
}

function openAndVerify(accounts: Command, shell: Shell): void {
  const open = accounts.command('open').description('open an account (operators only)');
  withIdempotencyKey(addFieldOptions(open, openingOptions)).action(async ({ idempotencyKey, ...given }: Given) => {
    const body = bodyOf(openingOptions, given);
    const account = await (await shell.api('operator')).ask('openAccount', { body, idempotencyKey });
    printDone(shell, account, `${textOr(account, 'id', '')} is open, not verified yet`);
  });
  change(accounts, shell, {
    command: 'verify <acc_…>',
    description: 'let an account place calls (operators only)',
    operation: 'verifyAccount',
    done: (id) => `${id} is verified`,
  });
}

function listAndShow(accounts: Command, shell: Shell): void {
  withPage(
    accounts.command('list').description('accounts, newest first; an account’s own key sees its account'),
    50,
  ).action(async ({ limit, after }: PageOptions) => {
    const page = await (await shell.api('operator')).page('listAccounts', { query: { limit, cursor_after: after } });
    const { terminal } = shell;
    printPage(page, terminal, (rows) => {
      printRows(rows, ['id', 'status', 'name', 'currency', 'time_zone', 'opened_at'], terminal);
    });
  });
  accounts
    .command('show <acc_…>')
    .description('one account, with the limits in force')
    .action(async (account_id: string) => {
      const account = await (await shell.api('operator')).ask('getAccount', { path: { account_id } });
      printRecord(account, shell.terminal);
    });
}

function suspendAndResume(accounts: Command, shell: Shell): void {
  change(accounts, shell, {
    command: 'suspend <acc_…>',
    description: 'refuse new calls and end those that live',
    operation: 'suspendAccount',
    options: suspensionOptions,
    done: (id, answer) => `${id} is suspended (${textOr(answer, 'reason', '')})`,
  });
  change(accounts, shell, {
    command: 'resume <acc_…>',
    description: 'end a suspension (operators only)',
    operation: 'resumeAccount',
    done: (id) => `${id} is resumed`,
  });
}

type AccountChange = Extract<
  OperationId,
  'verifyAccount' | 'suspendAccount' | 'resumeAccount' | 'changeTimeZone' | 'addCredit' | 'eraseSubject'
>;
type Change = {
  /** The words of the command; its first argument is the account's id. */
  readonly command: string;
  readonly description: string;
  readonly operation: AccountChange;
  readonly options?: FieldOptions;
  /** Makes the body where the options alone do not. @param argument the second argument */
  readonly body?: (options: Given, argument: string) => object;
  readonly done: (accountId: string, answer: JsonAnswer) => string;
};

/** A command about one account that is named. */
function change(
  accounts: Command,
  shell: Shell,
  { command, description, operation, options = [], ...rest }: Change,
): void {
  const named = withIdempotencyKey(addFieldOptions(accounts.command(command).description(description), options));
  named.action(async (account_id: string, ...following: readonly unknown[]) => {
    const { idempotencyKey, ...given } = named.opts<Given>();
    const [argument] = following;
    const body = rest.body?.(given, typeof argument === 'string' ? argument : '') ?? bodyOf(options, given);
    const api = await shell.api('operator');
    const answer = await api.ask(operation, { path: { account_id }, body, idempotencyKey });
    printDone(shell, answer, rest.done(account_id, answer));
  });
}
