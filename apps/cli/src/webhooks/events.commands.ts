import type { Command } from 'commander';
import { type PageOptions, withAccount, withPage } from '../option-values.js';
import type { Shell } from '../shell.js';
import { printPage } from '../terminal/pages.js';
import { printDone, printRecord, printRows } from '../terminal/records.js';

type ListOptions = PageOptions & {
  readonly account?: string;
  readonly call?: string;
  readonly type?: string;
  readonly since?: string;
  readonly status?: string;
};
const columns = ['id', 'type', 'call_id', 'occurred_at', 'delivery_status', 'attempt_count', 'last_status_code'];

export function eventsCommands(program: Command, shell: Shell): void {
  const events = program.command('events').description('events of calls that are delivered to status callbacks');
  withPage(withAccount(events.command('list').description('the events of an account, newest first')), 50)
    .option('--call <cs_…>', 'those of this call')
    .option('--type <name>', 'those of this type, such as call.ringing')
    .option('--since <moment>', 'those that happened after this moment')
    .option('--status <state>', 'pending, delivered or failed_permanent')
    .action(async ({ account, call, type, since, status, limit, after }: ListOptions) => {
      const filter = { account_id: account, call_id: call, type, occurred_after: since, delivery_status: status };
      const query = { ...filter, limit, cursor_after: after };
      printPage(await (await shell.api('account')).page('listEvents', { query }), shell.terminal, (page) => {
        printRows(page, columns, shell.terminal);
      });
    });
  events
    .command('show <evt_…>')
    .description('one event')
    .action(async (event_id: string) => {
      printRecord(await (await shell.api('account')).ask('getEvent', { path: { event_id } }), shell.terminal);
    });
  events
    .command('attempts <evt_…>')
    .description('the attempts to deliver an event')
    .action(async (event_id: string) => {
      const page = await (await shell.api('account')).page('listDeliveryAttempts', { path: { event_id } });
      printPage(page, shell.terminal, (rows) => {
        printRows(
          rows,
          ['endpoint', 'delivery', 'attempt', 'attempted_at', 'status_code', 'error', 'latency_ms'],
          shell.terminal,
        );
      });
    });
  events
    .command('redeliver <evt_…>')
    .description('deliver an event again')
    .action(async (event_id: string) => {
      const again = await (await shell.api('account')).ask('redeliverEvent', { path: { event_id } });
      printDone(shell, again, `${event_id} will be delivered again`);
    });
}
