import { allocationStates } from '@ringfence/read-models/numbers/number.queries';
import { publicCommands } from '@ringfence/wire/public-commands';
import type { Command } from 'commander';
import { addFieldOptions, bodyOf, fieldOptions, fieldsWithout } from '../fields/field-options.js';
import {
  choiceOption,
  type PageOptions,
  type Repeatable,
  withAccount,
  withIdempotencyKey,
  withPage,
} from '../option-values.js';
import { textOr } from '../server/json-reading.js';
import type { Shell } from '../shell.js';
import { printPage } from '../terminal/pages.js';
import { printDone, printRows } from '../terminal/records.js';

type Given = Readonly<Record<string, unknown>> & Repeatable;
type ListOptions = PageOptions & { readonly account?: string; readonly search?: string; readonly location?: string };
type InventoryOptions = PageOptions & { readonly account?: string; readonly number?: string; readonly state?: string };

const addingOptions = fieldOptions(fieldsWithout(publicCommands.add_number.fields, 'number'));

/** The numbers that accounts have, and the inventory that they come from. */
export function ownNumbersCommands(numbers: Command, shell: Shell): void {
  listNumbers(numbers, shell);
  withIdempotencyKey(numbers.command('rename <vn_…> <name>').description('give a number another name')).action(
    async (number_id: string, name: string, { idempotencyKey }: Repeatable) => {
      const request = { path: { number_id }, body: { name }, idempotencyKey };
      const renamed = await (await shell.api('account')).ask('renameNumber', request);
      printDone(shell, renamed, `${textOr(renamed, 'number', number_id)} is named ${textOr(renamed, 'name', name)}`);
    },
  );
  const add = numbers.command('add <+number>').description('add a number for an account (operators only)');
  withIdempotencyKey(addFieldOptions(add, addingOptions)).action(async (number: string, given: Given) => {
    const { idempotencyKey, ...options } = given;
    const body = { number, ...bodyOf(addingOptions, options) };
    const added = await (await shell.api('operator')).ask('addNumber', { body, idempotencyKey });
    printDone(
      shell,
      added,
      `${number} is on its way to ${textOr(added, 'account_id', '')} as ${textOr(added, 'id', '')}`,
    );
  });
  withIdempotencyKey(
    numbers.command('withdraw <acc_…> <vn_…>').description('take a number back from its account (operators only)'),
  ).action(async (account_id: string, number_id: string, { idempotencyKey }: Repeatable) => {
    const request = { path: { account_id, number_id }, idempotencyKey };
    const withdrawn = await (await shell.api('operator')).ask('withdrawNumber', request);
    printDone(shell, withdrawn, `${account_id} no longer has ${number_id}`);
  });
  showInventory(numbers, shell);
}

function listNumbers(numbers: Command, shell: Shell): void {
  withPage(withAccount(numbers.command('list').description('the numbers that an account has')), 20)
    .option('--search <text>', 'what the number or its name contains')
    .option('--location <territory>', 'numbers of this territory: US')
    .action(async ({ account, search, location, limit, after }: ListOptions) => {
      const query = { account_id: account, search, location, limit, cursor_after: after };
      const { terminal } = shell;
      printPage(await (await shell.api('account')).page('listVirtualNumbers', { query }), terminal, (page) => {
        printRows(page, ['id', 'number', 'name', 'mode', 'location.country', 'location.locality'], terminal);
      });
    });
}

function showInventory(numbers: Command, shell: Shell): void {
  const inventory = numbers.command('inventory').description('which account has which number (operators only)');
  withPage(withAccount(inventory), 20)
    .addOption(choiceOption('--state <state>', 'allocations in this state', allocationStates))
    .option('--number <+number>', 'the allocations of this number')
    .action(async ({ account, state, number, limit, after }: InventoryOptions) => {
      const query = { account_id: account, state, number, limit, cursor_after: after };
      const { terminal } = shell;
      printPage(await (await shell.api('operator')).page('listInventory', { query }), terminal, (page) => {
        printRows(page, ['id', 'number', 'account_id', 'state', 'mode', 'added_at'], terminal);
      });
    });
}
