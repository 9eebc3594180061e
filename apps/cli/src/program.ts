import { Command, CommanderError } from 'commander';
import { release } from '@ringfence/http/operations/release';
import { Failure } from '@ringfence/kernel/failure';
import { accountsCommands } from './accounts/accounts.commands.js';
import { appsCommands } from './apps/apps.commands.js';
import { auditCommands } from './audit/audit.commands.js';
import { callsCommands } from './calls/calls.commands.js';
import { backupCommand } from './backup/backup.command.js';
import { restoreCommand } from './backup/restore.command.js';
import { bootstrapCommand } from './bootstrap/bootstrap.command.js';
import { completionCommand } from './completion/completion.command.js';
import { demoCommand } from './demo/demo.command.js';
import { dlqCommands } from './dlq/dlq.commands.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { cliFailures } from './failures.js';
import { refuseIgnoredOptions } from './ignored-options.js';
import { keysCommands } from './keys/keys.commands.js';
import { ledgerCommands } from './ledger/ledger.commands.js';
import { numbersCommands } from './numbers/numbers.commands.js';
import { peppersCommands } from './peppers/peppers.commands.js';
import { projectionsCommands } from './projections/projections.commands.js';
import { replayCommand } from './replay/register.js';
import { listenCommand } from './listen/listen.command.js';
import { loginCommands } from './login/login.command.js';
import { platformApi } from './server/platform-api.js';
import { serverOf } from './server/known-server.js';
import { settingsFrom } from './settings.js';
import { storageCommand } from './storage/storage.command.js';
import { ipListsCommands } from './trunks/ip-lists.commands.js';
import { trunksCommands } from './trunks/trunks.commands.js';
import { usageCommand } from './usage/usage.command.js';
import { reportFailure } from './failure-report.js';
import { topicsCommands } from './topics/topics.commands.js';
import { vaultCommands } from './vault/vault.commands.js';
import { eventsCommands } from './webhooks/events.commands.js';
import { secretsCommands } from './webhooks/secrets.commands.js';
import type { Shell } from './shell.js';
import { terminalOn, type TerminalStreams } from './terminal/terminal.js';

const noKey =
  'a key is needed: --api-key, RINGFENCE_API_KEY, `ringfence login`, or RINGFENCE_DATA_DIR with the data folder of a server on this machine';
type GlobalOptions = { readonly json?: boolean; readonly url?: string; readonly apiKey?: string };

/** Runs one command line. Never throws: a failure is a line or a JSON object on standard error, and an exit code. */
export async function run(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
  streams: TerminalStreams,
): Promise<ExitCode> {
  try {
    await program(environment, streams).parseAsync([...argv]);
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (!(error instanceof Failure)) throw error;
    return reportFailure(error, argv, streams.err);
  }
}

function program(environment: NodeJS.ProcessEnv, streams: TerminalStreams): Command {
  const root = new Command('ringfence')
    .description('Operate a Ringfence: keys, calls, projections, and the log itself.')
    .version(release, '--version', 'the version of this command line')
    .option('--json', 'one JSON value a line on standard output')
    .option(
      '--url <url>',
      'the server (default: RINGFENCE_URL, what a running server noted in its data directory, the last login, or port 7350 here)',
    )
    .option(
      '--api-key <secret>',
      'the key to present (default: RINGFENCE_API_KEY, that of `ringfence login`, or of the data directory)',
    )
    .addHelpText('after', '\nExit codes: 0 done, 1 refused or failed, 2 the command line is wrong.')
    .configureOutput({ writeOut: (text) => streams.out.write(text), writeErr: (text) => streams.err.write(text) })
    .exitOverride();
  const shell = shellOf(root, environment, streams);
  loginCommands(root, shell);
  bootstrapCommand(root, shell);
  keysCommands(root, shell);
  accountsCommands(root, shell);
  callsCommands(root, shell);
  numbersCommands(root, shell);
  appsCommands(root, shell);
  ipListsCommands(root, shell);
  trunksCommands(root, shell);
  eventsCommands(root, shell);
  secretsCommands(root, shell);
  listenCommand(root, shell);
  usageCommand(root, shell);
  ledgerCommands(root, shell);
  auditCommands(root, shell);
  projectionsCommands(root, shell);
  replayCommand(root, shell);
  storageCommand(root, shell);
  backupCommand(root, shell);
  restoreCommand(root, shell);
  vaultCommands(root, shell);
  peppersCommands(root, shell);
  dlqCommands(root, shell);
  topicsCommands(root, shell);
  demoCommand(root, shell, streams.out);
  completionCommand(root, shell);
  refuseIgnoredOptions(root);
  for (const command of [root, ...root.commands.flatMap((group) => [group, ...group.commands])]) command.exitOverride();
  return root;
}

function shellOf(root: Command, environment: NodeJS.ProcessEnv, streams: TerminalStreams): Shell {
  const settings = settingsFrom(environment);
  const options = () => root.opts<GlobalOptions>();
  const shell: Shell = {
    settings,
    environment,
    get terminal() {
      return terminalOn(streams, options().json === true);
    },
    url: async () => (await serverOf(options().url ?? settings.url, settings)).url,
    api: async (as) => {
      const server = await serverOf(options().url ?? settings.url, settings);
      const apiKey = options().apiKey ?? settings.apiKey ?? (await server.keyFor(as));
      if (apiKey === undefined) throw cliFailures.usage(noKey);
      return platformApi(server.url, apiKey);
    },
  };
  return shell;
}
