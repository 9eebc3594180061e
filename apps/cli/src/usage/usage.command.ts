import { modes } from '@ringfence/domain/shared/values';
import type { Command } from 'commander';
import { choiceOption, withAccount } from '../option-values.js';
import { type JsonAnswer, countAt, listIn, microsAt, textOr } from '../server/json-reading.js';
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
  const usage = program
    .command('usage')
    .description('calls, talk time and cost of the last 24 hours, or of the time that is named');
  withAccount(usage)
    .addOption(choiceOption('--mode <live|test>', 'one book alone', modes))
    .addOption(
      choiceOption('--by <what>', 'what the rows tell apart', ['key', 'application', 'project', 'none']).default(
        'application',
      ),
    ) // prettier-ignore
    .addOption(choiceOption('--group-by <time>', 'what a row covers', ['minute', 'day', 'total']).default('total'))
    .option('--from <moment>', 'RFC 3339; default: 24 hours before --to')
    .option('--to <moment>', 'RFC 3339; default: now')
    .action(async ({ account, mode, by, groupBy, from, to }: UsageOptions) => {
      const query = { account_id: account, mode, by, group_by: groupBy, from, to };
      const answer = await (await shell.api('account')).ask('getUsage', { query });
      const { terminal } = shell;
      if (terminal.json) terminal.line(JSON.stringify(answer));
      else printUsage(listIn(answer, 'the usage'), by, terminal);
    });
}

function printUsage(rows: readonly JsonAnswer[], by: string, terminal: Terminal): void {
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
