import { publicCommands } from '@ringfence/wire/public-commands';
import type { Command } from 'commander';
import { addFieldOptions, bodyOf, fieldOptions, fieldsWithout } from '../fields/field-options.js';
import {
  choiceOption,
  type PageOptions,
  type Repeatable,
  withAccount,
  withIdempotencyKey,
  withPage,
} from '../option-values.js';
import { type JsonAnswer, listIn, textOr } from '../server/json-reading.js';
import type { Shell } from '../shell.js';
import { printPage } from '../terminal/pages.js';
import { printDone, printRows } from '../terminal/records.js';
import type { Terminal } from '../terminal/terminal.js';
import { printAuthority, printChain } from './authorization.js';
import { mutateCalls } from './mutations.commands.js';
import { watchCalls } from './watch.command.js';

type Given = Readonly<Record<string, unknown>> & Repeatable;
type ListOptions = PageOptions & {
  readonly account?: string;
  readonly state?: string;
  readonly from?: string;
  readonly to?: string;
};

const callStates = ['initiated', 'ringing', 'answered', 'completed', 'failed'];

const placingOptions = fieldOptions(publicCommands.place_call.fields);
const ringingOptions = fieldOptions(publicCommands.simulate_inbound_call.fields);
const hangUpOptions = fieldOptions(fieldsWithout(publicCommands.hang_up_call.fields, 'call_id'));

export function callsCommands(program: Command, shell: Shell): void {
  const calls = program.command('calls').description('place, list, show, control and hang up calls');
  placeAndHangUp(calls, shell);
  mutateCalls(calls, shell);
  listCalls(calls, shell);
  showCalls(calls, shell);
  watchCalls(calls, shell);
}

function placeAndHangUp(calls: Command, shell: Shell): void {
  const place = calls.command('place').description('place a call');
  withIdempotencyKey(addFieldOptions(place, placingOptions)).action(async ({ idempotencyKey, ...given }: Given) => {
    const body = bodyOf(placingOptions, given);
    const call = await (await shell.api('account')).ask('initiateCall', { body, idempotencyKey });
    const { terminal } = shell;
    printDone(shell, call, `${textOr(call, 'id', '')} placed to ${textOr(call, 'to_number', '')}`);
    if (terminal.json) return;
    for (const warning of listIn(call['warnings'] ?? [], 'warnings'))
      terminal.line(`${terminal.paint('yellow', '!')} ${textOr(warning, 'detail', '')}`);
  });
  const ring = calls.command('ring').description('let a caller of the sandbox ring a test number of the account');
  withIdempotencyKey(addFieldOptions(ring, ringingOptions)).action(async ({ idempotencyKey, ...given }: Given) => {
    const body = bodyOf(ringingOptions, given);
    const call = await (await shell.api('account')).ask('simulateInboundCall', { body, idempotencyKey });
    printDone(shell, call, `${textOr(call, 'to_number', '')} is rung as ${textOr(call, 'id', '')}`);
  });
  const hangUp = calls.command('hangup <cs_…>').description('end a call, or one leg of it');
  withIdempotencyKey(addFieldOptions(hangUp, hangUpOptions)).action(async (call_id: string, given: Given) => {
    const { idempotencyKey, ...options } = given;
    const body = bodyOf(hangUpOptions, options);
    const answer = await (await shell.api('account')).ask('hangUpCall', { path: { call_id }, body, idempotencyKey });
    printDone(shell, answer, `${call_id} is being ended`);
  });
}

function listCalls(calls: Command, shell: Shell): void {
  withPage(withAccount(calls.command('list').description('calls, newest first')), 20)
    .addOption(choiceOption('--state <state>', 'calls in this state', callStates))
    .option('--from <+number>', 'by caller number')
    .option('--to <+number>', 'by number called')
    .action(async ({ account, state, from, to, limit, after }: ListOptions) => {
      const query = { account_id: account, state, from_number: from, to_number: to, limit, cursor_after: after };
      const { terminal } = shell;
      printPage(await (await shell.api('account')).page('listCalls', { query }), terminal, (page) => {
        printRows(page, ['id', 'state', 'from_number', 'to_number', 'created_at', 'reason'], terminal);
      });
    });
}

function showCalls(calls: Command, shell: Shell): void {
  calls
    .command('show <cs_…>')
    .description('one call, its legs, and who authorised it')
    .action(async (call_id: string) => {
      const api = await shell.api('account');
      const [call, legs, authorization] = await Promise.all([
        api.ask('getCall', { path: { call_id } }),
        api.page('listLegs', { path: { call_id } }),
        api.ask('getCallAuthorization', { path: { call_id } }),
      ]);
      const { terminal } = shell;
      if (terminal.json) terminal.line(JSON.stringify({ call, legs: legs.items, authorization }));
      else printCall(call, authorization, terminal);
    });
  calls
    .command('legs <cs_…>')
    .description('the legs of a call')
    .action(async (call_id: string) => {
      const { terminal } = shell;
      printPage(await (await shell.api('account')).page('listLegs', { path: { call_id } }), terminal, (legs) => {
        printRows(legs, ['id', 'state', 'role', 'from_number', 'to_number', 'created_at', 'reason'], terminal);
      });
    });
  calls
    .command('authorization <cs_…>')
    .description('who authorised a call: the key as it was then, and the events that led to the call')
    .action(async (call_id: string) => {
      const authorization = await (await shell.api('account')).ask('getCallAuthorization', { path: { call_id } });
      const { terminal } = shell;
      if (terminal.json) terminal.line(JSON.stringify(authorization));
      else printAuthorization(authorization, terminal);
    });
}

function printCall(call: JsonAnswer, authorization: JsonAnswer, terminal: Terminal): void {
  const fields = ['id', 'state', 'reason', 'from_number', 'to_number', 'created_at', 'answered_at', 'ended_at'];
  terminal.table(
    ['call', ''],
    fields.map((field) => [field, textOr(call, field, '-')]),
  );
  terminal.line('');
  printAuthorization(authorization, terminal);
}

function printAuthorization(authorization: JsonAnswer, terminal: Terminal): void {
  printAuthority(authorization, terminal);
  terminal.line('');
  printChain(authorization, terminal);
}
