import { publicCommands } from '@ringfence/wire/public-commands';
import { type Command, Option } from 'commander';
import { cliFailures } from '../failures.js';
import { addFieldOptions, bodyOf, fieldOptions, fieldsWithout } from '../fields/field-options.js';
import { type PageOptions, type Repeatable, withAccount, withIdempotencyKey, withPage } from '../option-values.js';
import { textOr } from '../server/json-reading.js';
import type { Shell } from '../shell.js';
import { printPage } from '../terminal/pages.js';
import { printDone, printRecord, printRows } from '../terminal/records.js';

type Entry = { readonly address: string; readonly description?: string };
type Given = Readonly<Record<string, unknown>> & Repeatable & { readonly address?: readonly Entry[] };
type ListOptions = PageOptions & { readonly account?: string; readonly search?: string };

const newOptions = fieldOptions(fieldsWithout(publicCommands.create_ip_list.fields, 'addresses'));
const changeOptions = fieldOptions(fieldsWithout(publicCommands.change_ip_list.fields, 'ip_acl_id', 'addresses'));

export function ipListsCommands(program: Command, shell: Shell): void {
  const lists = program.command('acls').description('create, change and list the IP lists of SIP trunks');
  changeLists(lists, shell);
  readLists(lists, shell);
}

function changeLists(lists: Command, shell: Shell): void {
  const create = lists
    .command('create')
    .description('create an IP list; no call comes over a SIP trunk in this release');
  const addresses = addressOption('an address or network, with a description or without; may be repeated');
  addFieldOptions(create, newOptions).addOption(addresses.makeOptionMandatory());
  withIdempotencyKey(create).action(async ({ idempotencyKey, address, ...options }: Given) => {
    const body = { ...bodyOf(newOptions, options), addresses: address };
    const made = await (await shell.api('account')).ask('createIpList', { body, idempotencyKey });
    printDone(shell, made, `${textOr(made, 'id', '')} created`);
  });
  const change = lists.command('change <acl_…>').description('rename an IP list, or replace its addresses');
  addFieldOptions(change, changeOptions).addOption(addressOption('replaces all addresses; may be repeated'));
  withIdempotencyKey(change).action(async (ip_acl_id: string, { idempotencyKey, address, ...options }: Given) => {
    const body = { ...bodyOf(changeOptions, options), ...(address === undefined ? {} : { addresses: address }) };
    if (Object.keys(body).length === 0) throw cliFailures.usage('name what to change: --name, --address');
    const api = await shell.api('account');
    const changed = await api.ask('changeIpList', { path: { ip_acl_id }, body, idempotencyKey });
    printDone(shell, changed, `${ip_acl_id} is changed`);
  });
  const remove = lists.command('delete <acl_…>').description('delete an IP list');
  withIdempotencyKey(remove).action(async (ip_acl_id: string, { idempotencyKey }: Repeatable) => {
    const api = await shell.api('account');
    const deleted = await api.ask('deleteIpList', { path: { ip_acl_id }, idempotencyKey });
    printDone(shell, deleted, `${ip_acl_id} is deleted`);
  });
}

function readLists(lists: Command, shell: Shell): void {
  withPage(withAccount(lists.command('list').description('the IP lists of an account')), 50)
    .option('--search <text>', 'those whose name contains this')
    .action(async ({ account, search, limit, after }: ListOptions) => {
      const query = { account_id: account, search, limit, cursor_after: after };
      const { terminal } = shell;
      printPage(await (await shell.api('account')).page('listIpLists', { query }), terminal, (page) => {
        printRows(page, ['id', 'mode', 'name', 'address_count', 'trunk_count', 'updated_at'], terminal);
      });
    });
  lists
    .command('show <acl_…>')
    .description('one IP list, with its addresses')
    .action(async (ip_acl_id: string) => {
      printRecord(await (await shell.api('account')).ask('getIpList', { path: { ip_acl_id } }), shell.terminal);
    });
}

function addressOption(description: string): Option {
  return new Option('--address <cidr[=description]>', description).argParser(
    (given: string, before: readonly Entry[] | undefined) => [...(before ?? []), entryOf(given)],
  );
}

function entryOf(given: string): Entry {
  const at = given.indexOf('=');
  return at < 0 ? { address: given } : { address: given.slice(0, at), description: given.slice(at + 1) };
}
