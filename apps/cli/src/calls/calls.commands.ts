import type { Command } from 'commander';
import { type Answer, listIn, textOr } from '../server/json-reading.js';
import type { Terminal } from '../terminal/terminal.js';
import { printPage } from '../terminal/pages.js';
import type { Shell } from '../shell.js';
import { count } from '../option-values.js';
import { printAuthority, printChain } from './authorization.js';

type PlaceOptions = {
  readonly from: string;
  readonly to: string;
  readonly flowUrl: string;
  readonly statusCallbackUrl?: string;
  readonly record?: boolean;
  readonly idempotencyKey?: string;
};
type HangUpOptions = { readonly leg?: string; readonly idempotencyKey?: string };
type ListOptions = {
  readonly state?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  readonly after?: string;
};

export function callsCommands(program: Command, shell: Shell): void {
  const calls = program.command('calls').description('place, list, show and hang up calls (over HTTP)');
  calls
    .command('place')
    .description('place a call')
    .requiredOption('--from <+number>', 'the caller number to show')
    .requiredOption('--to <+number>', 'the number to call')
    .option('--flow-url <url>', 'where the platform asks what to do once it is answered', 'https://example.com/flow')
    .option('--status-callback-url <url>', 'where the platform reports what becomes of it')
    .option('--record', 'ask for a recording')
    .option('--no-record', 'ask for none, which is the default')
    .option('--idempotency-key <id>', 'the same id gives the same call')
    .action(async ({ idempotencyKey, ...wishes }: PlaceOptions) => {
      const call = await (await shell.api('account')).placeCall(wishes, idempotencyKey);
      const { terminal } = shell;
      if (terminal.json) terminal.line(JSON.stringify(call));
      else {
        terminal.line(`${terminal.paint('green', '✓')} ${textOr(call, 'id', '')} placed to ${wishes.to}`);
        for (const warning of listIn(call['warnings'] ?? [], 'warnings'))
          terminal.line(`${terminal.paint('yellow', '!')} ${textOr(warning, 'detail', '')}`);
      }
    });
  calls
    .command('list')
    .description('calls, newest first')
    .option('--state <state>', 'initiated, ringing, answered, completed or failed')
    .option('--from <+number>', 'by caller number')
    .option('--to <+number>', 'by number called')
    .option('--limit <n>', '1–100', count, 20)
    .option('--after <cursor>', 'the page after this cursor')
    .action(async ({ state, from, to, limit, after }: ListOptions) => {
      const query = { state, from_number: from, to_number: to, limit, cursor_after: after };
      const { terminal } = shell;
      printPage(await (await shell.api('account')).listCalls(query), terminal, (calls) => {
        printCalls(calls, terminal);
      });
    });
  calls
    .command('hangup <cs_…>')
    .description('end a call, or one leg of it')
    .option('--leg <cl_…>', 'this leg alone')
    .option('--idempotency-key <id>', 'the same id asks for the same hang-up')
    .action(async (callId: string, { leg, idempotencyKey }: HangUpOptions) => {
      const answer = await (await shell.api('account')).hangUpCall(callId, leg, idempotencyKey);
      const { terminal } = shell;
      if (terminal.json) terminal.line(JSON.stringify(answer));
      else terminal.line(`${terminal.paint('green', '✓')} ${callId} is being ended`);
    });
  calls
    .command('show <cs_…>')
    .description('one call, its legs, and who authorised it')
    .action(async (callId: string) => {
      const api = await shell.api('account');
      const [call, legs, authorization] = await Promise.all([
        api.showCall(callId),
        api.showLegs(callId),
        api.authorization(callId),
      ]);
      const { terminal } = shell;
      if (terminal.json) terminal.line(JSON.stringify({ call, legs, authorization }));
      else printCall(call, authorization, terminal);
    });
}

function printCalls(calls: readonly Answer[], terminal: Terminal): void {
  const columns = ['id', 'state', 'from_number', 'to_number', 'created_at', 'reason'];
  terminal.table(
    columns,
    calls.map((call) => columns.map((column) => textOr(call, column, '-'))),
  );
}

function printCall(call: Answer, authorization: Answer, terminal: Terminal): void {
  const fields = ['id', 'state', 'reason', 'from_number', 'to_number', 'created_at', 'answered_at', 'ended_at'];
  terminal.table(
    ['call', ''],
    fields.map((field) => [field, textOr(call, field, '-')]),
  );
  terminal.line('');
  printAuthority(authorization, terminal);
  terminal.line('');
  printChain(authorization, terminal);
}
