import { publicCommands } from '@ringfence/wire/public-commands';
import { type Command, Option } from 'commander';
import { readFile } from 'node:fs/promises';
import { cliFailures } from '../failures.js';
import { addFieldOptions, bodyOf, fieldOptions, fieldsWithout, optionNameOf } from '../fields/field-options.js';
import {
  list,
  oneOfWords,
  type PageOptions,
  type Repeatable,
  withAccount,
  withIdempotencyKey,
  withPage,
} from '../option-values.js';
import { listNumbersOf } from '../numbers/own-numbers.commands.js';
import { textOr } from '../server/json-reading.js';
import type { Shell } from '../shell.js';
import { printPage } from '../terminal/pages.js';
import { printDone, printRecord, printRows } from '../terminal/records.js';

/** Fields that are objects, whose members have options of their own. */
const structured = ['auth_credential', 'auth_addresses', 'inbound_route'] as const;
type Structured = {
  readonly username?: string;
  readonly passwordFile?: string;
  readonly address?: readonly string[];
  readonly routeName?: string;
  readonly sipUrl?: string;
  readonly sipUser?: string;
};
type Given = Readonly<Record<string, unknown>> & Repeatable & Structured & { readonly without?: readonly string[] };
type ListOptions = PageOptions & { readonly account?: string; readonly search?: string; readonly status?: string };

const newOptions = fieldOptions(fieldsWithout(publicCommands.create_sip_trunk.fields, ...structured));
const changedFields = fieldsWithout(publicCommands.change_sip_trunk.fields, 'sip_trunk_id', ...structured);
const changeOptions = fieldOptions(changedFields);
/** Settings that a trunk may be without, by the names of their options. */
const removable = new Map<string, string>([
  ...(
    [
      'channel_limit',
      'cps_limit',
      'webhook_url',
      'secret_id',
    ] as const satisfies readonly (keyof typeof changedFields)[]
  ).map((field): [string, string] => [optionNameOf(field), field]),
  ['inbound-route', 'inbound_route'],
]);

export function trunksCommands(program: Command, shell: Shell): void {
  const trunks = program.command('trunks').description('create, change and list the SIP trunks of an account');
  changeTrunks(trunks, shell);
  readTrunks(trunks, shell);
}

function changeTrunks(trunks: Command, shell: Shell): void {
  const create = trunks.command('create').description('create a SIP trunk; no call uses one in this release');
  withIdempotencyKey(withStructured(addFieldOptions(create, newOptions))).action(async (given: Given) => {
    const body = { ...bodyOf(newOptions, given), ...(await structuredIn(given)) };
    const { idempotencyKey } = given;
    const trunk = await (await shell.api('account')).ask('createSipTrunk', { body, idempotencyKey });
    printDone(shell, trunk, `${textOr(trunk, 'id', '')} created`);
  });
  const change = trunks.command('change <st_…>').description('change a SIP trunk; omitted options stay as they are');
  const named = oneOfWords(...removable.keys());
  withStructured(addFieldOptions(change, changeOptions)).addOption(
    new Option('--without <list>', `remove these: ${[...removable.keys()].join(', ')}`).argParser((text) =>
      list(text).map(named),
    ),
  );
  withIdempotencyKey(change).action(async (sip_trunk_id: string, given: Given) => {
    const { idempotencyKey, without = [] } = given;
    const removed = without.map((name): readonly [string, null] => [removable.get(name) ?? name, null]);
    const body = {
      ...Object.fromEntries(removed),
      ...bodyOf(changeOptions, given),
      ...(await structuredIn(given)),
    };
    if (Object.keys(body).length === 0)
      throw cliFailures.usage('name what to change: see `ringfence trunks change --help`');
    const api = await shell.api('account');
    const trunk = await api.ask('changeSipTrunk', { path: { sip_trunk_id }, body, idempotencyKey });
    printDone(shell, trunk, `${sip_trunk_id} is changed`);
  });
  const remove = trunks.command('delete <st_…>').description('delete a SIP trunk');
  withIdempotencyKey(remove).action(async (sip_trunk_id: string, { idempotencyKey }: Repeatable) => {
    const api = await shell.api('account');
    const deleted = await api.ask('deleteSipTrunk', { path: { sip_trunk_id }, idempotencyKey });
    printDone(shell, deleted, `${sip_trunk_id} is deleted`);
  });
}

function readTrunks(trunks: Command, shell: Shell): void {
  listNumbersOf(trunks, shell, '<st_…>', async (sip_trunk_id, query) =>
    (await shell.api('account')).page('listTrunkNumbers', { path: { sip_trunk_id }, query }),
  );
  withPage(withAccount(trunks.command('list').description('the SIP trunks of an account')), 50)
    .option('--search <text>', 'those whose name contains this')
    .option('--status <status>', 'those in this state', oneOfWords('active', 'inactive'))
    .action(async ({ account, search, status, limit, after }: ListOptions) => {
      const query = { account_id: account, search, status, limit, cursor_after: after };
      const { terminal } = shell;
      printPage(await (await shell.api('account')).page('listSipTrunks', { query }), terminal, (page) => {
        printRows(
          page,
          ['id', 'mode', 'is_active', 'name', 'transport', 'authentication_type', 'ip_acl_name'],
          terminal,
        );
      });
    });
  trunks
    .command('show <st_…>')
    .description('one SIP trunk')
    .action(async (sip_trunk_id: string) => {
      printRecord(await (await shell.api('account')).ask('getSipTrunk', { path: { sip_trunk_id } }), shell.terminal);
    });
}

/** A password comes from a file: the arguments of a process are seen by every other one. */
function withStructured(command: Command): Command {
  return command
    .option('--username <text>', 'with credential: the user name')
    .option('--password-file <file>', 'with credential: holds the password')
    .addOption(
      new Option('--address <address[=name]>', 'with IP: one address; may be repeated').argParser(
        (given: string, before: readonly string[] | undefined) => [...(before ?? []), given],
      ),
    )
    .option('--route-name <text>', 'name of the inbound route')
    .option('--sip-url <uri>', 'host of the inbound route, as a SIP URI')
    .option('--sip-user <text>', 'user of the inbound route (without it: the called number)');
}

/** @throws Failure `usage` */
async function structuredIn(given: Structured): Promise<Record<string, unknown>> {
  const { username, passwordFile, address, routeName, sipUrl, sipUser } = given;
  const body: Record<string, unknown> = {};
  if ((username === undefined) !== (passwordFile === undefined))
    throw cliFailures.usage('--username and --password-file belong together');
  if (passwordFile !== undefined) body['auth_credential'] = { username, password: await passwordIn(passwordFile) };
  if (address !== undefined) body['auth_addresses'] = address.map(addressOf);
  if ((routeName === undefined) !== (sipUrl === undefined))
    throw cliFailures.usage('--route-name and --sip-url belong together');
  if (sipUser !== undefined && sipUrl === undefined) throw cliFailures.usage('--sip-user needs --sip-url');
  if (sipUrl !== undefined) body['inbound_route'] = { name: routeName, sip_url: sipUrl, sip_user: sipUser ?? null };
  return body;
}

function addressOf(given: string): object {
  const at = given.indexOf('=');
  return at < 0 ? { address: given } : { address: given.slice(0, at), name: given.slice(at + 1) };
}

/** @throws Failure `usage`: the file cannot be read */
async function passwordIn(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw cliFailures.usage(`${path} cannot be read`);
  });
  return text.replace(/\r?\n$/, '');
}
