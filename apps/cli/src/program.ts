import { Command, CommanderError } from 'commander';
import { Failure } from '@ringfence/kernel/failure';
import { accountsCommands } from './accounts/accounts.commands.js';
import { callsCommands } from './calls/calls.commands.js';
import { backupCommand } from './backup/backup.command.js';
import { restoreCommand } from './backup/restore.command.js';
import { bootstrapCommand } from './bootstrap/bootstrap.command.js';
import { demoCommand } from './demo/demo.command.js';
import { dlqCommands } from './dlq/dlq.commands.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { cliFailures } from './failures.js';
import { keysCommands } from './keys/keys.commands.js';
import { numbersCommands } from './numbers/numbers.commands.js';
import { projectionsCommands } from './projections/projections.commands.js';
import { replayCommand } from './replay/register.js';
import { platformApi } from './server/platform-api.js';
import { serverUrl } from './server/server-file.js';
import { settingsFrom } from './settings.js';
import { topicsCommands } from './topics/topics.commands.js';
import type { Shell } from './shell.js';
import { terminalOn, type TerminalStreams } from './terminal/terminal.js';

type GlobalOptions = { readonly json?: boolean; readonly url?: string; readonly apiKey?: string };

/** Runs one command line. Never throws: what went wrong is a line on standard error, or a JSON object there, and an exit code. */
export async function run(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
  streams: TerminalStreams,
): Promise<ExitCode> {
  const json = argv.includes('--json');
  try {
    await program(environment, streams).parseAsync([...argv]);
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (!(error instanceof Failure)) throw error;
    const { code, message, retryable } = error;
    streams.err.write(
      json ? `${JSON.stringify({ error: { code, message, retryable } })}\n` : `ringfence: ${message} (${code})\n`,
    );
    return code === 'usage' ? exitCodes.usage : exitCodes.failed;
  }
}

function program(environment: NodeJS.ProcessEnv, streams: TerminalStreams): Command {
  const root = new Command('ringfence')
    .description('Operate a Ringfence: keys, calls, projections, and the log itself.')
    .option('--json', 'one JSON value a line on standard output')
    .option(
      '--url <url>',
      'the server (default: RINGFENCE_URL, what the server noted in its data directory, or port 7350 here)',
    )
    .option('--api-key <secret>', 'the key to present (default: RINGFENCE_API_KEY)')
    .addHelpText('after', '\nExit codes: 0 done, 1 refused or failed, 2 the command line is wrong.')
    .configureOutput({ writeOut: (text) => streams.out.write(text), writeErr: (text) => streams.err.write(text) })
    .exitOverride();
  const shell = shellOf(root, environment, streams);
  bootstrapCommand(root, shell);
  keysCommands(root, shell);
  accountsCommands(root, shell);
  callsCommands(root, shell);
  numbersCommands(root, shell);
  projectionsCommands(root, shell);
  replayCommand(root, shell);
  backupCommand(root, shell);
  restoreCommand(root, shell);
  dlqCommands(root, shell);
  topicsCommands(root, shell);
  demoCommand(root, shell, streams.out);
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
    url: () => serverUrl(options().url ?? settings.url, settings.dataDir),
    api: async () => {
      const { apiKey = settings.apiKey } = options();
      if (apiKey === undefined) throw cliFailures.usage('a key is needed: --api-key or RINGFENCE_API_KEY');
      return platformApi(await shell.url(), apiKey);
    },
  };
  return shell;
}
