import type { Command } from 'commander';
import { scopePresets } from '@ringfence/domain/keys/scopes';
import { revocationReasons } from '@ringfence/domain/keys/key.events';
import { textOr } from '../server/json-reading.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Shell } from '../shell.js';
import type { KeyWishes } from '../server/platform-api.js';
import { printPage } from '../terminal/pages.js';
import { readPublicKey } from './public-key-file.js';
import { amount, count, labelled, list, oneOfWords } from '../option-values.js';

type NewKeyOptions = {
  readonly account?: string;
  readonly label: string;
  readonly live?: boolean;
  readonly preset?: string;
  readonly scopes?: readonly string[];
  readonly callsPerSecond?: number;
  readonly burst?: number;
  readonly lines?: number;
  readonly destinations?: readonly string[];
  readonly project?: string;
  readonly application?: string;
  readonly onRevoke?: string;
  readonly callsMax?: number;
  readonly minutesMax?: number;
  readonly spendMicrosMax?: string;
  readonly idempotencyKey?: string;
};

type ListOptions = { readonly account?: string; readonly limit: number; readonly after?: string };

export function keysCommands(program: Command, shell: Shell): void {
  const keys = program.command('keys').description('issue and register, revoke and list keys (over HTTP)');
  newKey(keys.command('issue').description('issue a key; its secret is shown this once'))
    .option('--idempotency-key <id>', 'the same id gives the same key, without its secret')
    .action(async (options: NewKeyOptions) => {
      await issue(shell, options);
    });
  newKey(keys.command('register').description('register a signing key, which signs commands on the topic'))
    .requiredOption('--public-key <file>', 'the public half of an Ed25519 key pair, PEM or JWK')
    .option('--idempotency-key <id>', 'the same id gives the same key')
    .action(async (options: NewKeyOptions & { readonly publicKey: string }) => {
      await register(shell, options);
    });
  revokeAndList(keys, shell);
}

/** What every new key is told. */
function newKey(command: Command): Command {
  return command
    .requiredOption('--label <text>', 'what people call it')
    .option('--account <acc_…>', 'the account it belongs to (operators only; default: the presented key’s own)')
    .option('--live', 'a live key; without it a test key, which reaches the sandbox alone')
    .option('--preset <name>', `scopes by name: ${Object.keys(scopePresets).join(', ')}`)
    .option('--scopes <list>', 'scopes, separated by commas', list)
    .option('--calls-per-second <n>', 'new calls a second in the long run', count)
    .option('--burst <n>', 'calls that may come at once after a rest', count)
    .option('--lines <n>', 'calls at the same time', count)
    .option('--calls-max <n>', 'calls that it may place in its whole life', count)
    .option('--minutes-max <n>', 'minutes that its calls may talk in its whole life', count)
    .option('--spend-micros-max <micros>', 'money that its calls may cost in its whole life, in millionths', amount)
    .option('--destinations <list>', 'territories (US) and digits (44) that it may call, separated by commas', list)
    .option('--project <label>', 'the project it is for', labelled)
    .option('--application <label>', 'the application it is for', labelled)
    .option('--on-revoke <hangup|drain>', 'what a revocation does to its live calls', oneOfWords('hangup', 'drain'));
}

function revokeAndList(keys: Command, shell: Shell): void {
  keys
    .command('revoke <key_…>')
    .description('revoke a key at once')
    .option('--reason <reason>', revocationReasons.join(', '), oneOfWords(...revocationReasons), 'requested')
    .option('--on-revoke <hangup|drain>', 'overrides the policy', oneOfWords('hangup', 'drain'))
    .action(async (keyId: string, options: { readonly reason: string; readonly onRevoke?: string }) => {
      const api = await shell.api('operator');
      const answer = await api.revokeKey(keyId, options.reason, options.onRevoke);
      const { terminal } = shell;
      if (terminal.json) terminal.line(JSON.stringify(answer));
      else terminal.line(`${terminal.paint('green', '✓')} ${keyId} is revoked (${options.reason})`);
    });
  keys
    .command('list')
    .description('the keys of an account')
    .option('--account <acc_…>', 'operators only; default: the presented key’s own account')
    .option('--limit <n>', '1–100', count, 50)
    .option('--after <cursor>', 'the page after this cursor')
    .action(async ({ account, limit, after }: ListOptions) => {
      const { terminal } = shell;
      const page = await (await shell.api('operator')).listKeys({ account_id: account, limit, cursor_after: after });
      printPage(page, terminal, (keys) => {
        printKeys(keys, terminal);
      });
    });
}

async function issue(shell: Shell, options: NewKeyOptions): Promise<void> {
  const { terminal } = shell;
  const key = await (await shell.api('operator')).issueKey(wishesOf(options), options.idempotencyKey);
  if (terminal.json) {
    terminal.line(JSON.stringify(key));
    return;
  }
  terminal.line(`${terminal.paint('green', '✓')} ${textOr(key, 'id', '')} issued`);
  terminal.line(`  secret  ${terminal.paint('bold', textOr(key, 'secret', '(already shown)'))}`);
  terminal.note('  It is not kept here: store it now.');
}

async function register(shell: Shell, options: NewKeyOptions & { readonly publicKey: string }): Promise<void> {
  const { terminal } = shell;
  const wishes = { ...wishesOf(options), publicKey: readPublicKey(options.publicKey) };
  const key = await (await shell.api('operator')).registerSigningKey(wishes, options.idempotencyKey);
  if (terminal.json) {
    terminal.line(JSON.stringify(key));
    return;
  }
  terminal.line(`${terminal.paint('green', '✓')} ${textOr(key, 'id', '')} registered`);
  terminal.note('  Its id is the `kid` of the signatures that it makes.');
}

function wishesOf(options: NewKeyOptions): KeyWishes {
  const { account, label, live, preset, scopes } = options;
  const policy = withoutMissing({
    calls_per_second: options.callsPerSecond,
    burst_calls: options.burst,
    lines_max: options.lines,
    destination_prefixes: options.destinations,
    project: options.project,
    application: options.application,
    on_revoke: options.onRevoke,
    calls_max: options.callsMax,
    minutes_max: options.minutesMax,
    spend_micros_max: options.spendMicrosMax,
  });
  return {
    ...(account === undefined ? {} : { accountId: account }),
    ...(preset === undefined ? {} : { preset }),
    ...(scopes === undefined ? {} : { scopes }),
    label,
    mode: live === true ? 'live' : 'test',
    policy,
  };
}

function printKeys(keys: readonly { readonly [name: string]: unknown }[], terminal: Terminal): void {
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

function withoutMissing(wishes: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined));
}
