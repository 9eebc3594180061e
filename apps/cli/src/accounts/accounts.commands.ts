import { type Command, Option } from 'commander';
import { amount, count, oneOfWords } from '../option-values.js';
import { type Answer, countAt, listIn, microsAt, textOr } from '../server/json-reading.js';
import type { Shell } from '../shell.js';
import { amountText, countText } from '../terminal/amounts.js';

type LimitOptions = {
  readonly mode?: string;
  readonly lines?: number;
  readonly callsPerSecond?: number;
  readonly burst?: number;
  readonly dailySpendMicros?: string;
  readonly withoutDailySpend?: boolean;
};

export function accountsCommands(program: Command, shell: Shell): void {
  const accounts = program
    .command('accounts')
    .description('suspend, resume and limit accounts, change their time zone (over HTTP)');
  accounts
    .command('suspend <acc_…>')
    .description('refuse new calls and end those that live')
    .option('--reason <reason>', 'requested, fraud, unpaid', oneOfWords('requested', 'fraud', 'unpaid'), 'requested')
    .action(async (accountId: string, { reason }: { readonly reason: string }) => {
      tell(
        shell,
        await (await shell.api('operator')).suspendAccount(accountId, reason),
        `${accountId} is suspended (${reason})`,
      );
    });
  accounts
    .command('resume <acc_…>')
    .description('end a suspension (operators only)')
    .action(async (accountId: string) => {
      tell(shell, await (await shell.api('operator')).resumeAccount(accountId), `${accountId} is resumed`);
    });
  accounts
    .command('time-zone <acc_…> <zone>')
    .description('change the zone of its local days, from the next one on: Europe/Berlin')
    .action(async (accountId: string, timeZone: string) => {
      const answer = await (await shell.api('operator')).changeTimeZone(accountId, timeZone);
      const from = textOr(answer, 'first_day', '');
      tell(shell, answer, `${accountId}: days in ${timeZone} from ${from} on`);
    });
  accounts
    .command('limits <acc_…>')
    .description(
      'set what all keys of one mode may do together; what is left out stays as it is. Without a limit: show those in force',
    )
    .option(
      '--mode <live|test>',
      'whose calls are bounded (default to set: test; to show: both)',
      oneOfWords('live', 'test'),
    )
    .option('--lines <n>', 'calls at the same time', count)
    .option('--calls-per-second <n>', 'new calls a second in the long run', count)
    .option('--burst <n>', 'calls that may come at once after a rest', count)
    .option('--daily-spend-micros <micros>', 'money that calls may cost in one local day, in millionths', amount)
    .addOption(
      new Option('--without-daily-spend', 'take the limit of the daily spend away').conflicts('dailySpendMicros'),
    )
    .action(async (accountId: string, { mode, ...limits }: LimitOptions) => {
      const api = await shell.api('operator');
      if (Object.keys(limits).length === 0) {
        showLimits(shell, await api.showAccount(accountId), mode);
        return;
      }
      const told = mode ?? 'test';
      const answer = await api.setAccountLimits(accountId, { mode: told, ...bodyOf(limits) });
      tell(shell, answer, `${accountId}: the limits of ${told} calls are set`);
    });
}

/** @param mode of these calls alone; undefined: of all that the key may see */
function showLimits({ terminal }: Shell, account: Answer, mode: string | undefined): void {
  const limits = listIn(account['limits'], 'the limits').filter((each) => mode === undefined || each['mode'] === mode);
  if (terminal.json) {
    for (const each of limits) terminal.line(JSON.stringify(each));
    return;
  }
  const currency = textOr(account, 'currency', '');
  terminal.table(
    ['calls', 'lines', 'calls a second', 'burst', 'daily spend'],
    limits.map((each) => [
      textOr(each, 'mode', ''),
      ...['lines_max', 'calls_per_second', 'burst_calls'].map((name) => countText(countAt(each, name))),
      each['daily_spend_micros_max'] === null
        ? 'no limit'
        : `${amountText(microsAt(each, 'daily_spend_micros_max'))} ${currency}`,
    ]),
    [1, 2, 3, 4],
  );
}

function bodyOf(options: Omit<LimitOptions, 'mode'>): object {
  const { lines, callsPerSecond, burst, dailySpendMicros, withoutDailySpend } = options;
  return {
    lines_max: lines,
    calls_per_second: callsPerSecond,
    burst_calls: burst,
    daily_spend_micros_max: withoutDailySpend === true ? null : dailySpendMicros,
  };
}

function tell({ terminal }: Shell, answer: Answer, done: string): void {
  terminal.line(terminal.json ? JSON.stringify(answer) : `${terminal.paint('green', '✓')} ${done}`);
}
