import { modes } from '@ringfence/domain/shared/values';
import { publicCommands } from '@ringfence/wire/public-commands';
import { type Command, Option } from 'commander';
import { addFieldOptions, bodyOf, fieldOptions, fieldsWithout } from '../fields/field-options.js';
import { choiceOption, type Repeatable, withIdempotencyKey } from '../option-values.js';
import { type JsonAnswer, countAt, listIn, microsAt, textOr } from '../server/json-reading.js';
import type { Shell } from '../shell.js';
import { amountText, countText } from '../terminal/amounts.js';
import { printDone } from '../terminal/records.js';

type LimitOptions = Readonly<Record<string, unknown>> &
  Repeatable & { readonly mode?: string; readonly withoutDailySpend?: boolean };

const limitOptions = fieldOptions(fieldsWithout(publicCommands.set_account_limits.fields, 'mode'));

export function limitsCommand(accounts: Command, shell: Shell): void {
  const limits = accounts
    .command('limits <acc_…>')
    .description(
      'set what all keys of one mode may do together; what is left out stays as it is. Without a limit: show those in force',
    )
    .addOption(
      choiceOption('--mode <live|test>', 'whose calls are bounded (default to set: test; to show: both)', modes),
    );
  addFieldOptions(limits, limitOptions).addOption(
    new Option('--without-daily-spend', 'take the limit of the daily spend away').conflicts('dailySpendMicros'),
  );
  withIdempotencyKey(limits).action(
    async (account_id: string, { mode, withoutDailySpend, idempotencyKey, ...given }: LimitOptions) => {
      const api = await shell.api('operator');
      const removed = withoutDailySpend === true ? { daily_spend_micros_max: null } : {};
      const bounds = { ...bodyOf(limitOptions, given), ...removed };
      if (Object.keys(bounds).length === 0) {
        showLimits(shell, await api.ask('getAccount', { path: { account_id } }), mode);
        return;
      }
      const body = { mode: mode ?? 'test', ...bounds };
      const answer = await api.ask('setAccountLimits', { path: { account_id }, body, idempotencyKey });
      printDone(shell, answer, `${account_id}: the limits of ${body.mode} calls are set`);
    },
  );
}

/** @param mode of these calls alone; undefined: of all that the key may see */
function showLimits({ terminal }: Shell, account: JsonAnswer, mode: string | undefined): void {
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
