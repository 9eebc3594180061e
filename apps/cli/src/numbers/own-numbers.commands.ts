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

const assignOptions = fieldOptions(publicCommands.assign_numbers.fields);
const unassignOptions = fieldOptions(publicCommands.unassign_numbers.fields);
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
  assignNumbers(numbers, shell);
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

function assignNumbers(numbers: Command, shell: Shell): void {
  const assign = numbers.command('assign').description('assign numbers to a voice app or a SIP trunk');
  withIdempotencyKey(addFieldOptions(assign, assignOptions)).action(async (given: Given) => {
    const { idempotencyKey, ...options } = given;
    const body = bodyOf(assignOptions, options);
    const assigned = await (await shell.api('account')).ask('assignNumbers', { body, idempotencyKey });
    printDone(shell, assigned, 'the numbers are assigned');
  });
  const unassign = numbers.command('unassign').description('unassign numbers from their voice app or SIP trunk');
  withIdempotencyKey(addFieldOptions(unassign, unassignOptions)).action(async (given: Given) => {
    const { idempotencyKey, ...options } = given;
    const body = bodyOf(unassignOptions, options);
    const unassigned = await (await shell.api('account')).ask('unassignNumbers', { body, idempotencyKey });
    printDone(shell, unassigned, 'the numbers are unassigned');
  });
}

type PageOfNumbers = Promise<Parameters<typeof printPage>[0]>;
type OfNumbers = Omit<ListOptions, 'account'>;

/** The list of the numbers of an app or a trunk. */
export function listNumbersOf(
  parent: Command,
  { terminal }: Pick<Shell, 'terminal'>,
  argument: string,
  find: (id: string, query: ReturnType<typeof numbersQuery>) => PageOfNumbers,
): void {
  withPage(parent.command(`numbers ${argument}`).description('the numbers that are assigned to it'), 20)
    .option('--search <text>', 'what the number or its name contains')
    .option('--location <territory>', 'numbers of this territory: US')
    .action(async (id: string, given: OfNumbers) => {
      printPage(await find(id, numbersQuery(given)), terminal, (page) => {
        printRows(page, ['id', 'number', 'name', 'location.country'], terminal);
      });
    });
}

function numbersQuery({ search, location, limit, after }: OfNumbers) {
  return { search, location, limit, cursor_after: after };
}

function listNumbers(numbers: Command, shell: Shell): void {
  withPage(withAccount(numbers.command('list').description('the numbers that an account has')), 20)
    .option('--search <text>', 'what the number or its name contains')
    .option('--location <territory>', 'numbers of this territory: US')
    .action(async ({ account, search, location, limit, after }: ListOptions) => {
      const query = { account_id: account, search, location, limit, cursor_after: after };
      const { terminal } = shell;
      printPage(await (await shell.api('account')).page('listVirtualNumbers', { query }), terminal, (page) => {
        printRows(
          page,
          ['id', 'number', 'name', 'mode', 'voice_app.name', 'sip_trunk.name', 'location.country'],
          terminal,
        );
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
