import type { Command } from 'commander';
import { oneOfWords } from '../option-values.js';
import { type Answer, countAt, listIn, microsAt, textOr } from '../server/json-reading.js';
import type { Shell } from '../shell.js';
import { amountText, countText, durationText } from '../terminal/amounts.js';
import type { Terminal } from '../terminal/terminal.js';

type UsageOptions = {
  readonly account?: string;
  readonly mode?: string;
  readonly by: string;
  readonly groupBy: string;
  readonly from?: string;
  readonly to?: string;
};

export function usageCommand(program: Command, shell: Shell): void {
  program
    .command('usage')
    .description('calls, talk time and cost of the last 24 hours, or of the time that is named (over HTTP)')
    .option('--account <acc_…>', 'operators only; default: the presented key’s own account')
    .option('--mode <live|test>', 'one book alone', oneOfWords('live', 'test'))
    .option(
      '--by <what>',
      'key, application, project or none',
      oneOfWords('key', 'application', 'project', 'none'),
      'application',
    ) // prettier-ignore
    .option('--group-by <time>', 'minute, day or total', oneOfWords('minute', 'day', 'total'), 'total')
    .option('--from <moment>', 'RFC 3339; default: 24 hours before --to')
    .option('--to <moment>', 'RFC 3339; default: now')
    .action(async ({ account, mode, by, groupBy, from, to }: UsageOptions) => {
      const api = await shell.api('account');
      const usage = await api.showUsage({ account_id: account, mode, by, group_by: groupBy, from, to });
      const { terminal } = shell;
      if (terminal.json) terminal.line(JSON.stringify(usage));
      else printUsage(listIn(usage, 'the usage'), by, terminal);
    });
}

function printUsage(rows: readonly Answer[], by: string, terminal: Terminal): void {
  terminal.table(
    ['when', 'book', by === 'none' ? '' : by, 'calls', 'answered', 'failed', 'refused', 'talk time', 'cost'],
    rows.map((row) => [
      textOr(row, 'minute', textOr(row, 'local_day', 'in all')),
      textOr(row, 'mode', ''),
      textOr(row, 'value', '-'),
      ...['calls', 'answered', 'failed', 'refused'].map((name) => countText(countAt(row, name))),
      durationText(countAt(row, 'talk_time_ms')),
      amountText(microsAt(row, 'cost_micros')),
    ]),
    [3, 4, 5, 6, 7, 8],
  );
}
