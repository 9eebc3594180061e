import { voiceAppStatuses } from '@ringfence/domain/apps/voice-app.events';
import { publicCommands } from '@ringfence/wire/public-commands';
import { type Command, Option } from 'commander';
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

type Given = Readonly<Record<string, unknown>> & Repeatable & { readonly without?: readonly string[] };
type ListOptions = PageOptions & { readonly account?: string; readonly search?: string; readonly status?: string };

const newOptions = fieldOptions(publicCommands.create_voice_app.fields);
const changedFields = fieldsWithout(publicCommands.change_voice_app.fields, 'voice_app_id');
const changeOptions = fieldOptions(changedFields);
/** Settings that an app may be without, by the names of their options. */
const removable = new Map(
  (
    [
      'fallback_url',
      'channel_limit',
      'secret_id',
      'answering_key_id',
    ] as const satisfies readonly (keyof typeof changedFields)[]
  ).map((field) => [optionNameOf(field), field]),
);

export function appsCommands(program: Command, shell: Shell): void {
  const apps = program.command('apps').description('create, change and list voice apps');
  changeApps(apps, shell);
  readApps(apps, shell);
}

function changeApps(apps: Command, shell: Shell): void {
  const create = apps.command('create').description('create a voice app');
  withIdempotencyKey(addFieldOptions(create, newOptions)).action(async (given: Given) => {
    const { idempotencyKey, ...options } = given;
    const body = bodyOf(newOptions, options);
    const app = await (await shell.api('account')).ask('createVoiceApp', { body, idempotencyKey });
    printDone(shell, app, `${textOr(app, 'id', '')} created`);
  });
  const change = apps.command('change <va_…>').description('change a voice app; omitted options stay as they are');
  const named = oneOfWords(...removable.keys());
  addFieldOptions(change, changeOptions).addOption(
    new Option('--without <list>', `remove these: ${[...removable.keys()].join(', ')}`).argParser((text) =>
      list(text).map(named),
    ),
  );
  withIdempotencyKey(change).action(async (voice_app_id: string, given: Given) => {
    const { idempotencyKey, without = [], ...options } = given;
    const removed = without.map((name): readonly [string, null] => [removable.get(name) ?? name, null]);
    const body = { ...Object.fromEntries(removed), ...bodyOf(changeOptions, options) };
    if (Object.keys(body).length === 0)
      throw cliFailures.usage('name what to change: see `ringfence apps change --help`');
    const api = await shell.api('account');
    const app = await api.ask('changeVoiceApp', { path: { voice_app_id }, body, idempotencyKey });
    printDone(shell, app, `${voice_app_id} is changed`);
  });
  const remove = apps.command('delete <va_…>').description('delete a voice app');
  withIdempotencyKey(remove).action(async (voice_app_id: string, { idempotencyKey }: Repeatable) => {
    const api = await shell.api('account');
    const deleted = await api.ask('deleteVoiceApp', { path: { voice_app_id }, idempotencyKey });
    printDone(shell, deleted, `${voice_app_id} is deleted`);
  });
}

function readApps(apps: Command, shell: Shell): void {
  listNumbersOf(apps, shell, '<va_…>', async (voice_app_id, query) =>
    (await shell.api('account')).page('listAppNumbers', { path: { voice_app_id }, query }),
  );
  withPage(withAccount(apps.command('list').description('the voice apps of an account')), 50)
    .option('--search <text>', 'those whose name contains this')
    .option('--status <status>', 'those in this state', oneOfWords(...voiceAppStatuses))
    .action(async ({ account, search, status, limit, after }: ListOptions) => {
      const query = { account_id: account, search, status, limit, cursor_after: after };
      const { terminal } = shell;
      printPage(await (await shell.api('account')).page('listVoiceApps', { query }), terminal, (page) => {
        printRows(page, ['id', 'mode', 'status', 'name', 'flow_url', 'secret_name'], terminal);
      });
    });
  apps
    .command('show <va_…>')
    .description('one voice app')
    .action(async (voice_app_id: string) => {
      printRecord(await (await shell.api('account')).ask('getVoiceApp', { path: { voice_app_id } }), shell.terminal);
    });
}
