import { ianaCalendar } from '@ringfence/calendar/iana-calendar';
import type { ZoneSpan, ZoneSpans } from '@ringfence/domain/limits/account-days';
import { type Mode, modes } from '@ringfence/domain/shared/values';
import { Failure } from '@ringfence/kernel/failure';
import { type EpochMs, epochMs, localDay } from '@ringfence/kernel/units';
import { rfc3339Moment } from '@ringfence/wire/field-rule';
import { type Command, Option } from 'commander';
import { cliFailures } from '../failures.js';
import { choiceOption, withAccount } from '../option-values.js';
import { type JsonAnswer, isAnswer, textAt } from '../server/json-reading.js';
import type { PlatformApi } from '../server/platform-api.js';
import type { Shell } from '../shell.js';
import type { Terminal } from '../terminal/terminal.js';
import { type EntryFormat, type EntryFormatName, entryFormats } from './entry-formats.js';
import { entryPages } from './entry-pages.js';
import { EntryTotals } from './entry-totals.js';
import { exportOutput } from './export-output.js';
import { type Bounds, boundsOf, type Month, monthNamed } from './month.js';

type ExportOptions = {
  readonly month: Month;
  readonly account?: string;
  readonly mode?: Mode;
  readonly format?: EntryFormatName;
  readonly timeZone?: string;
  readonly from?: string;
  readonly to?: string;
  readonly output?: string;
};

export function exportCommand(ledger: Command, shell: Shell): void {
  const command = ledger
    .command('export')
    .description('every entry of a month of one book, newest first; its totals on standard error')
    .addOption(
      new Option('--month <YYYY-MM>', 'in the account’s local days').argParser(monthNamed).makeOptionMandatory(),
    )
    .addOption(choiceOption('--mode <live|test>', 'the book (default: live)', modes))
    .addOption(
      choiceOption(
        '--format <format>',
        'csv: a row for each line; jsonl: an entry a line (default: csv, with --json jsonl)',
        Object.keys(entryFormats),
      ),
    ) // prettier-ignore
    .option(
      '--time-zone <zone>',
      'the zone of the days, where the account has changed its zone since (default: the account’s)',
    ) // prettier-ignore
    .option('--from <moment>', 'RFC 3339; begin here, not where the month begins')
    .option('--to <moment>', 'RFC 3339; end before this moment, not where the month ends')
    .option('--output <file>', 'write this file, whole or not at all (default: standard output)');
  withAccount(command).action(async (options: ExportOptions) => {
    await exportMonth(shell, options);
  });
}

async function exportMonth(shell: Shell, options: ExportOptions): Promise<void> {
  const { terminal } = shell;
  const { month, mode = 'live', format = terminal.json ? 'jsonl' : 'csv' } = options;
  const api = await shell.api('account');
  const accountId = textAt(await api.ask('getLedger', { query: { account_id: options.account } }), 'account_id');
  const spans = await zonesOf(api, accountId, options.timeZone);
  const bounds = { ...boundsOf(month, spans, ianaCalendar), ...namedBounds(options) };
  const totals = new EntryTotals();
  const output = await exportOutput(terminal, options.output);
  try {
    await writeEntries({ api, accountId, mode, bounds, format: entryFormats[format], write: output.write, totals });
    await output.done();
  } catch (failure) {
    await output.discard();
    if (!(failure instanceof Failure)) throw failure;
    throw cliFailures.export_broken_off(totals.entries, failure);
  }
  printTotals(terminal, { account_id: accountId, month, book: mode, ...momentsOf(bounds) }, totals);
}

type Writing = {
  readonly api: PlatformApi;
  readonly accountId: string;
  readonly mode: Mode;
  readonly bounds: Bounds;
  readonly format: EntryFormat;
  readonly write: (text: string) => Promise<void>;
  readonly totals: EntryTotals;
};

async function writeEntries({ api, accountId, mode, bounds, format, write, totals }: Writing): Promise<void> {
  const { from, to } = momentsOf(bounds);
  const query = { account_id: accountId, mode, decided_after: from, decided_before: to };
  if (format.head !== '') await write(format.head);
  for await (const entries of entryPages(api, query)) {
    for (const entry of entries) totals.add(entry);
    if (entries.length > 0) await write(format.page(entries));
  }
  const trial = await api.ask('getTrialBalance', { query: { account_id: accountId } });
  if (trial['balanced'] !== true) throw cliFailures.ledger_unbalanced(accountId);
}

/** Bounds given by options, in place of the month's own. @throws Failure `usage` */
function namedBounds({ from, to }: ExportOptions): Partial<Bounds> {
  return {
    ...(from === undefined ? {} : { from: momentNamed(from) }),
    ...(to === undefined ? {} : { to: momentNamed(to) }),
  };
}

function momentNamed(text: string): EpochMs {
  const isMoment: boolean = rfc3339Moment.isValid(text);
  if (!isMoment) throw cliFailures.usage(`${text} is no moment such as 2026-11-01T00:00:00Z`);
  return epochMs(Date.parse(text));
}

/** The account's zone in force and its next one. Days before a completed change are counted in the new zone. */
async function zonesOf(api: PlatformApi, account_id: string, named: string | undefined): Promise<ZoneSpans> {
  if (named !== undefined) {
    if (!ianaCalendar.accepts(named)) throw cliFailures.usage(`${named} is no time zone such as Europe/Berlin`);
    return [{ timeZone: named, fromMs: epochMs(0), firstDay: null }];
  }
  const account = await api.ask('getAccount', { path: { account_id } });
  const inForce: ZoneSpan = { timeZone: textAt(account, 'time_zone'), fromMs: epochMs(0), firstDay: null };
  const change = account['time_zone_change'];
  return isAnswer(change) ? [inForce, spanOf(change)] : [inForce];
}

function spanOf(change: JsonAnswer): ZoneSpan {
  return {
    timeZone: textAt(change, 'time_zone'),
    fromMs: epochMs(Date.parse(textAt(change, 'effective_from'))),
    firstDay: localDay(textAt(change, 'first_day')),
  };
}

function momentsOf({ from, to }: Bounds): { readonly from: string; readonly to: string } {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

type What = Readonly<Record<'account_id' | 'month' | 'book' | 'from' | 'to', string>>;

/** One line: what was exported, and that its debits equal its credits and agree with the trial balance. */
function printTotals(terminal: Terminal, what: What, { entries, debitMicros, creditMicros }: EntryTotals): void {
  const sums = { entries, debit_micros: String(debitMicros), credit_micros: String(creditMicros) };
  if (terminal.json) {
    terminal.note(JSON.stringify({ ...what, ...sums, balanced: debitMicros === creditMicros }));
    return;
  }
  const { account_id: accountId, month, book, from, to } = what;
  terminal.note(
    `${String(entries)} entries of ${month} (${from} to ${to}), ${book} book of ${accountId}: debits ${sums.debit_micros} micros, credits ${sums.credit_micros} micros, balanced`, // prettier-ignore
  );
}
