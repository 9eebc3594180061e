import { publicCommands } from '@ringfence/wire/public-commands';
import type { Command } from 'commander';
import { addFieldOptions, bodyOf, fieldOptions, fieldsWithout } from '../fields/field-options.js';
import { type Repeatable, withIdempotencyKey } from '../option-values.js';
import { countAt, isAnswer, microsAt, textOr } from '../server/json-reading.js';
import type { Shell } from '../shell.js';
import { amountText, countText, durationText } from '../terminal/amounts.js';
import { printPage } from '../terminal/pages.js';
import { printDone, printRows } from '../terminal/records.js';
import { ownNumbersCommands } from './own-numbers.commands.js';

type Given = Readonly<Record<string, unknown>> & Repeatable;

const rangeOptions = fieldOptions(fieldsWithout(publicCommands.open_number_range.fields, 'prefix'));

export function numbersCommands(program: Command, shell: Shell): void {
  const numbers = program
    .command('numbers')
    .description('what may be called, at what price, and why; the numbers of accounts');
  ownNumbersCommands(numbers, shell);
  numbers
    .command('show <number>')
    .description('what the destination guard decides for a number; nothing is called')
    .option('--key <key_…>', 'the key whose policy is asked about (operators; default: the presented key)')
    .action(async (number: string, { key }: { readonly key?: string }) => {
      await show(shell, number, key);
    });
  numbers
    .command('rate <number>')
    .description('what a call to a number would cost now')
    .option('--account <acc_…>', 'whose price (operators; default: the presented key’s own account)')
    .action(async (number: string, { account }: { readonly account?: string }) => {
      await showRate(shell, number, account);
    });
  const open = numbers
    .command('open <prefix>')
    .description('declare the kind of a range that the numbering data does not know (operators only)');
  withIdempotencyKey(addFieldOptions(open, rangeOptions)).action(async (prefix: string, given: Given) => {
    const { idempotencyKey, ...options } = given;
    const body = { prefix, ...bodyOf(rangeOptions, options) };
    const range = await (await shell.api('operator')).ask('openNumberRange', { body, idempotencyKey });
    const kind = `${textOr(range, 'kind', '')} of ${textOr(range, 'territory', 'no territory')}`;
    printDone(shell, range, `${prefix} is recorded as ${kind}`);
  });
  numbers
    .command('ranges')
    .description('ranges that operators have opened (operators only)')
    .action(async () => {
      const { terminal } = shell;
      printPage(await (await shell.api('operator')).page('listNumberRanges'), terminal, (ranges) => {
        printRows(ranges, ['prefix', 'territory', 'kind', 'effective_from', 'effective_until'], terminal);
      });
    });
}

async function show({ terminal, api }: Shell, number: string, key: string | undefined): Promise<void> {
  const explained = await (await api('account')).ask('explainNumber', { path: { number }, query: { key_id: key } });
  if (terminal.json) {
    terminal.line(JSON.stringify(explained));
    return;
  }
  const isAllowed = explained['verdict'] === 'allowed';
  terminal.line(terminal.paint(isAllowed ? 'green' : 'red', isAllowed ? '✓ allowed' : '✗ refused'));
  terminal.line(`  territory  ${textOr(explained, 'territory', 'none, or not known')}`);
  terminal.line(`  kind       ${textOr(explained, 'kind', 'not known')}`);
  if (isAllowed) return;
  terminal.line(`  because    ${textOr(explained, 'detail', '')} (${textOr(explained, 'reason', '')})`);
}

async function showRate({ terminal, api }: Shell, number: string, account: string | undefined): Promise<void> {
  const answer = await (await api('account')).ask('getRate', { query: { number, account_id: account } });
  if (terminal.json) {
    terminal.line(JSON.stringify(answer));
    return;
  }
  const { rate } = answer;
  if (!isAnswer(rate)) {
    terminal.line(`${terminal.paint('red', '✗ no price')}  ${textOr(answer, 'detail', '')}`);
    return;
  }
  const currency = textOr(rate, 'currency', '');
  const amount = (name: string) => `${amountText(microsAt(rate, name))} ${currency}`;
  const duration = (name: string) => durationText(countAt(rate, name));
  terminal.line(`${amount('per_minute_micros')} a minute, ${amount('connect_fee_micros')} to connect`);
  terminal.line(`  charged    at least ${duration('minimum_ms')}, in steps of ${duration('increment_ms')}`);
  terminal.line(`  prefix     ${textOr(rate, 'prefix', '')} (${textOr(rate, 'country', '')})`);
  terminal.line(`  deck       ${textOr(rate, 'deck_id', '')}, version ${countText(countAt(rate, 'deck_version'))}`);
}
