import { publicCommands } from '@ringfence/wire/public-commands';
import type { Command } from 'commander';
import { cliFailures } from '../failures.js';
import { addFieldOptions, bodyOf, fieldOptions, fieldsWithout } from '../fields/field-options.js';
import { addPolicyChange, policyChangeOf, policyOptions } from '../fields/policy-options.js';
import { type PageOptions, type Repeatable, withAccount, withIdempotencyKey, withPage } from '../option-values.js';
import { type JsonAnswer, textOr } from '../server/json-reading.js';
import type { Shell } from '../shell.js';
import { printPage } from '../terminal/pages.js';
import { printDone, printRecord, printRows } from '../terminal/records.js';
import type { Terminal } from '../terminal/terminal.js';
import { readPublicKey } from './public-key-file.js';

type Given = Readonly<Record<string, unknown>> & Repeatable;
type NewKeyOptions = Given & { readonly account?: string; readonly label: string; readonly live?: boolean };

const rotationOptions = fieldOptions(fieldsWithout(publicCommands.rotate_key.fields, 'key_id'));
const revocationOptions = fieldOptions(fieldsWithout(publicCommands.revoke_key.fields, 'key_id'), {
  reason: 'requested',
});

export function keysCommands(program: Command, shell: Shell): void {
  const keys = program.command('keys').description('issue, change, rotate, revoke and list keys');
  makeKeys(keys, shell);
  changeKeys(keys, shell);
  readKeys(keys, shell);
}

function makeKeys(keys: Command, shell: Shell): void {
  newKey(keys.command('issue').description('issue a key; its secret is shown this once'))
    .option('--idempotency-key <id>', 'the same id gives the same key, without its secret')
    .action(async (options: NewKeyOptions) => {
      const { idempotencyKey } = options;
      const key = await (await shell.api('operator')).ask('issueKey', { body: newKeyBody(options), idempotencyKey });
      printSecret(shell, key, 'issued');
    });
  newKey(keys.command('register').description('register a signing key, which signs commands on the topic'))
    .requiredOption('--public-key <file>', 'the public half of an Ed25519 key pair, PEM or JWK')
    .option('--idempotency-key <id>', 'the same id gives the same key')
    .action(async (options: NewKeyOptions & { readonly publicKey: string }) => {
      const { idempotencyKey } = options;
      const body = { ...newKeyBody(options), public_key: readPublicKey(options.publicKey) };
      const key = await (await shell.api('operator')).ask('registerSigningKey', { body, idempotencyKey });
      printDone(shell, key, `${textOr(key, 'id', '')} registered`);
      if (!shell.terminal.json) shell.terminal.note('  Its id is the `kid` of the signatures that it makes.');
    });
}

/** The options of every new key. */
function newKey(command: Command): Command {
  command
    .requiredOption('--label <text>', 'what people call it')
    .option('--account <acc_…>', 'the account it belongs to (operators only; default: the presented key’s own)')
    .option('--live', 'a live key; without it a test key, which reaches the sandbox alone');
  return addFieldOptions(command, policyOptions);
}

function newKeyBody(options: NewKeyOptions): object {
  const { account, label, live } = options;
  return {
    ...(account === undefined ? {} : { account_id: account }),
    label,
    mode: live === true ? 'live' : 'test',
    ...bodyOf(policyOptions, options),
  };
}

function changeKeys(keys: Command, shell: Shell): void {
  const policy = keys.command('policy <key_…>').description('change a key’s policy; omitted options stay as they are');
  withIdempotencyKey(addPolicyChange(policy)).action(
    async (key_id: string, options: Parameters<typeof policyChangeOf>[0] & Repeatable) => {
      const body = policyChangeOf(options);
      if (Object.keys(body).length === 0)
        throw cliFailures.usage('name what to change: see `ringfence keys policy --help`');
      const { idempotencyKey } = options;
      const key = await (
        await shell.api('operator')
      ).ask('changeKeyPolicy', { path: { key_id }, body, idempotencyKey });
      printDone(shell, key, `${key_id} has its new policy`);
    },
  );
  const rotate = keys.command('rotate <key_…>').description('give a key a new secret, which is shown this once');
  withIdempotencyKey(addFieldOptions(rotate, rotationOptions)).action(async (key_id: string, given: Given) => {
    const { idempotencyKey, ...options } = given;
    const body = bodyOf(rotationOptions, options);
    const key = await (await shell.api('operator')).ask('rotateKey', { path: { key_id }, body, idempotencyKey });
    printSecret(shell, key, 'rotated');
  });
  const revoke = keys.command('revoke <key_…>').description('revoke a key at once');
  withIdempotencyKey(addFieldOptions(revoke, revocationOptions)).action(async (key_id: string, given: Given) => {
    const { idempotencyKey, ...options } = given;
    const body = bodyOf(revocationOptions, options);
    const key = await (await shell.api('operator')).ask('revokeKey', { path: { key_id }, body, idempotencyKey });
    printDone(shell, key, `${key_id} is revoked (${textOr(key, 'reason', '')})`);
  });
}

function readKeys(keys: Command, shell: Shell): void {
  withPage(withAccount(keys.command('list').description('the keys of an account')), 50).action(
    async ({ account, limit, after }: PageOptions & { readonly account?: string }) => {
      const query = { account_id: account, limit, cursor_after: after };
      printPage(await (await shell.api('operator')).page('listKeys', { query }), shell.terminal, (page) => {
        printKeys(page, shell.terminal);
      });
    },
  );
  keys
    .command('show <key_…>')
    .description('one key with its policy')
    .action(async (key_id: string) => {
      printRecord(await (await shell.api('operator')).ask('getKey', { path: { key_id } }), shell.terminal);
    });
  withAccount(keys.command('counters <key_…>').description('requests of a key per second, latest first'))
    .option('--from <moment>', 'RFC 3339; default: 5 minutes before --to')
    .option('--to <moment>', 'RFC 3339; default: now')
    .action(
      async (key_id: string, options: { readonly account?: string; readonly from?: string; readonly to?: string }) => {
        const query = { account_id: options.account, key_id, from: options.from, to: options.to };
        const { items } = await (await shell.api('account')).page('getRateCounters', { query });
        printPage({ items, nextCursor: undefined }, shell.terminal, (rows) => {
          printRows(rows, ['second', 'accepted', 'refused'], shell.terminal);
        });
      },
    );
  keys
    .command('platform')
    .description('what a signed command needs of the platform: audience, keys to encrypt to, topics')
    .action(async () => {
      printRecord(await (await shell.api('account')).ask('getPlatformKeys'), shell.terminal);
    });
}

function printSecret({ terminal }: Shell, key: JsonAnswer, what: string): void {
  if (terminal.json) {
    terminal.line(JSON.stringify(key));
    return;
  }
  terminal.line(`${terminal.paint('green', '✓')} ${textOr(key, 'id', '')} ${what}`);
  terminal.line(`  secret  ${terminal.paint('bold', textOr(key, 'secret', '(already shown)'))}`);
  terminal.note('  It is not kept here: store it now.');
}

function printKeys(keys: readonly JsonAnswer[], terminal: Terminal): void {
  const rows = keys.map((key) => [
    textOr(key, 'id', ''),
    textOr(key, 'status', ''),
    textOr(key, 'mode', ''),
    textOr(key, 'label', '(erased)'),
    textOr(key, 'parent_key_id', '-'),
    textOr(key, 'kind', '') === 'signing' ? 'signs' : `…${textOr(key, 'secret_hint', '')}`,
    `${textOr(key, 'project', '-')}/${textOr(key, 'application', '-')}`,
  ]);
  terminal.table(['key', 'status', 'mode', 'label', 'child of', 'secret', 'project/application'], rows);
}
