import { type NumberKind, numberKinds } from '@ringfence/domain/limits/numbering-plan';
import type { Command } from 'commander';
import { oneOfWords } from '../option-values.js';
import { countAt, isAnswer, microsAt, textOr } from '../server/json-reading.js';
import type { Shell } from '../shell.js';
import { amountText, countText, durationText } from '../terminal/amounts.js';

type RangeOptions = {
  readonly territory?: string;
  readonly kind: NumberKind;
  readonly from?: string;
  readonly until?: string;
};

const kindsOffered = numberKinds.filter((kind) => kind !== 'sandbox');

export function numbersCommands(program: Command, shell: Shell): void {
  const numbers = program.command('numbers').description('what may be called, and why (over HTTP)');
  numbers
    .command('show <number>')
    .description('what the destination guard says of a number; nothing is called')
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
  numbers
    .command('open <prefix>')
    .description('say what a range is that the numbering data does not know (operators only)')
    .requiredOption('--kind <kind>', kindsOffered.join(', '), oneOfWords(...kindsOffered))
    .option('--territory <XX>', 'ISO 3166-1 alpha-2; without it its numbers belong to no territory')
    .option('--from <moment>', 'RFC 3339, a moment to come (default: now)')
    .option('--until <moment>', 'RFC 3339 (default: without end)')
    .action(async (prefix: string, options: RangeOptions) => {
      await open(shell, prefix, options);
    });
  numbers
    .command('ranges')
    .description('ranges that operators have opened (operators only)')
    .action(async () => {
      await list(shell);
    });
}

async function show({ terminal, api }: Shell, number: string, key: string | undefined): Promise<void> {
  const said = await (await api('account')).explainNumber(number, key);
  if (terminal.json) {
    terminal.line(JSON.stringify(said));
    return;
  }
  const isAllowed = said['verdict'] === 'allowed';
  terminal.line(terminal.paint(isAllowed ? 'green' : 'red', isAllowed ? '✓ allowed' : '✗ refused'));
  terminal.line(`  territory  ${textOr(said, 'territory', 'none, or not known')}`);
  terminal.line(`  kind       ${textOr(said, 'kind', 'not known')}`);
  if (!isAllowed) terminal.line(`  because    ${textOr(said, 'detail', '')} (${textOr(said, 'reason', '')})`);
}

async function showRate({ terminal, api }: Shell, number: string, account: string | undefined): Promise<void> {
  const said = await (await api('account')).showRate(number, account);
  if (terminal.json) {
    terminal.line(JSON.stringify(said));
    return;
  }
  const { rate } = said;
  if (!isAnswer(rate)) {
    terminal.line(`${terminal.paint('red', '✗ no price')}  ${textOr(said, 'detail', '')}`);
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

async function open({ terminal, api }: Shell, prefix: string, options: RangeOptions): Promise<void> {
  const { kind, territory = null, from = null, until = null } = options;
  const range = { prefix, territory, kind, effective_from: from, effective_until: until };
  const opened = await (await api('operator')).openNumberRange(range);
  if (terminal.json) terminal.line(JSON.stringify(opened));
  else
    terminal.line(`${terminal.paint('green', '✓')} ${prefix} is recorded as ${kind} of ${territory ?? 'no territory'}`);
}

async function list({ terminal, api }: Shell): Promise<void> {
  const ranges = await (await api('operator')).listNumberRanges();
  if (terminal.json) {
    for (const range of ranges) terminal.line(JSON.stringify(range));
    return;
  }
  const rows = ranges.map((range) => [
    textOr(range, 'prefix', ''),
    textOr(range, 'territory', 'none'),
    textOr(range, 'kind', ''),
    textOr(range, 'effective_from', ''),
    textOr(range, 'effective_until', '-'),
  ]);
  terminal.table(['prefix', 'territory', 'kind', 'from', 'until'], rows);
}
