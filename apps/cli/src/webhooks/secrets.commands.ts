import { publicCommands } from '@ringfence/wire/public-commands';
import type { Command } from 'commander';
import { cliFailures } from '../failures.js';
import { addFieldOptions, bodyOf, fieldOptions, fieldsWithout } from '../fields/field-options.js';
import { type PageOptions, type Repeatable, withAccount, withIdempotencyKey, withPage } from '../option-values.js';
import { type JsonAnswer, textOr } from '../server/json-reading.js';
import type { Shell } from '../shell.js';
import { printPage } from '../terminal/pages.js';
import { printDone, printRecord, printRows } from '../terminal/records.js';

type Given = Readonly<Record<string, unknown>> & Repeatable;
type ListOptions = PageOptions & { readonly account?: string; readonly search?: string };

const newOptions = fieldOptions(publicCommands.create_webhook_secret.fields);
const changeOptions = fieldOptions(fieldsWithout(publicCommands.change_webhook_secret.fields, 'secret_id'));

export function secretsCommands(program: Command, shell: Shell): void {
  const secrets = program.command('secrets').description('create, rotate and list webhook secrets');
  changeSecrets(secrets, shell);
  readSecrets(secrets, shell);
}

function changeSecrets(secrets: Command, shell: Shell): void {
  const create = secrets.command('create').description('create a webhook secret; its value is shown this once');
  withIdempotencyKey(addFieldOptions(create, newOptions)).action(async (given: Given) => {
    const { idempotencyKey, ...options } = given;
    const body = bodyOf(newOptions, options);
    printValue(
      shell,
      await (await shell.api('account')).ask('createWebhookSecret', { body, idempotencyKey }),
      'created',
    );
  });
  const change = secrets.command('change <sec_…>').description('rename a webhook secret, or give it a new value');
  withIdempotencyKey(addFieldOptions(change, changeOptions)).action(async (secret_id: string, given: Given) => {
    const { idempotencyKey, ...options } = given;
    const body = bodyOf(changeOptions, options);
    if (Object.keys(body).length === 0) throw cliFailures.usage('name what to change: --name, --rotate');
    const api = await shell.api('account');
    const secret = await api.ask('changeWebhookSecret', { path: { secret_id }, body, idempotencyKey });
    if (body['rotate'] === true) printValue(shell, secret, 'rotated');
    else printDone(shell, secret, `${secret_id} is renamed`);
  });
  const remove = secrets.command('delete <sec_…>').description('delete a webhook secret');
  withIdempotencyKey(remove).action(async (secret_id: string, { idempotencyKey }: Repeatable) => {
    const api = await shell.api('account');
    const deleted = await api.ask('deleteWebhookSecret', { path: { secret_id }, idempotencyKey });
    printDone(shell, deleted, `${secret_id} is deleted`);
  });
}

function readSecrets(secrets: Command, shell: Shell): void {
  withPage(withAccount(secrets.command('list').description('the webhook secrets of an account')), 50)
    .option('--search <text>', 'those whose name contains this')
    .action(async ({ account, search, limit, after }: ListOptions) => {
      const query = { account_id: account, search, limit, cursor_after: after };
      const { terminal } = shell;
      printPage(await (await shell.api('account')).page('listWebhookSecrets', { query }), terminal, (page) => {
        printRows(page, ['id', 'mode', 'name', 'created_at', 'rotated_at', 'needs_rotation'], terminal);
      });
    });
  secrets
    .command('show <sec_…>')
    .description('one webhook secret, without its value')
    .action(async (secret_id: string) => {
      printRecord(await (await shell.api('account')).ask('getWebhookSecret', { path: { secret_id } }), shell.terminal);
    });
}

function printValue({ terminal }: Shell, secret: JsonAnswer, what: string): void {
  if (terminal.json) {
    terminal.line(JSON.stringify(secret));
    return;
  }
  terminal.line(`${terminal.paint('green', '✓')} ${textOr(secret, 'id', '')} ${what}`);
  terminal.line(`  value  ${terminal.paint('bold', textOr(secret, 'secret_value', '(already shown)'))}`);
  terminal.note('  It is not kept here: store it now.');
}
