import type { Command } from 'commander';
import { amount, count, oneOfWords } from '../option-values.js';
import type { Answer } from '../server/json-reading.js';
import type { Shell } from '../shell.js';

type LimitOptions = {
  readonly mode: string;
  readonly lines?: number;
  readonly callsPerSecond?: number;
  readonly burst?: number;
  readonly dailySpendMicros?: string;
  readonly withoutDailySpend?: boolean;
};

export function accountsCommands(program: Command, shell: Shell): void {
  const accounts = program.command('accounts').description('suspend, resume and limit accounts (over HTTP)');
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
    .command('limits <acc_…>')
    .description('set what all keys of one mode may do together; what is left out stays as it is')
    .option('--mode <live|test>', 'whose calls are bounded', oneOfWords('live', 'test'), 'test')
    .option('--lines <n>', 'calls at the same time', count)
    .option('--calls-per-second <n>', 'new calls a second in the long run', count)
    .option('--burst <n>', 'calls that may come at once after a rest', count)
    .option('--daily-spend-micros <micros>', 'money that calls may cost in one local day, in millionths', amount)
    .option('--without-daily-spend', 'take the limit of the daily spend away')
    .action(async (accountId: string, options: LimitOptions) => {
      const answer = await (await shell.api('operator')).setAccountLimits(accountId, bodyOf(options));
      tell(shell, answer, `${accountId}: the limits of ${options.mode} calls are set`);
    });
}

function bodyOf(options: LimitOptions): object {
  const { mode, lines, callsPerSecond, burst, dailySpendMicros, withoutDailySpend } = options;
  return {
    mode,
    lines_max: lines,
    calls_per_second: callsPerSecond,
    burst_calls: burst,
    daily_spend_micros_max: withoutDailySpend === true ? null : dailySpendMicros,
  };
}

function tell({ terminal }: Shell, answer: Answer, done: string): void {
  terminal.line(terminal.json ? JSON.stringify(answer) : `${terminal.paint('green', '✓')} ${done}`);
}
