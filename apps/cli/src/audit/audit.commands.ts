import type { Command } from 'commander';
import { countOption, withAccount } from '../option-values.js';
import { listIn, textOr } from '../server/json-reading.js';
import type { Shell } from '../shell.js';
import { printRows } from '../terminal/records.js';

type EventOptions = { readonly account?: string; readonly from?: string; readonly limit: number };

export function auditCommands(program: Command, shell: Shell): void {
  const audit = program.command('audit').description('the log as a server shows it');
  withAccount(audit.command('events').description('events in the order of the log; --json has their bytes'))
    .option('--from <position>', 'the first position; default: the beginning of the log')
    .option('--limit <n>', '1–500', countOption, 100)
    .action(async ({ account, from, limit }: EventOptions) => {
      const query = { account_id: account, from, limit };
      const page = await (await shell.api('account')).ask('listAuditEvents', { query });
      const events = listIn(page, 'the events');
      const next = textOr(page, 'next', '');
      const { terminal } = shell;
      if (terminal.json) {
        for (const event of events) terminal.line(JSON.stringify(event));
        terminal.line(
          JSON.stringify({ next, has_more: page['has_more'] === true, complete: page['complete'] === true }),
        );
        return;
      }
      printRows(events, ['position', 'time', 'type', 'subject', 'issued_by.id'], terminal);
      if (page['has_more'] === true) terminal.note(`more with --from ${next}`);
    });
}
