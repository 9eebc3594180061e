import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { Failure } from '@ringfence/kernel/failure';
import type { Command } from 'commander';
import { openDatabase } from '../database/open-database.js';
import { cliFailures } from '../failures.js';
import { secretFile } from '../server/server-file.js';
import type { Shell } from '../shell.js';
import { wasBootstrapped } from './first-start.js';

const server = fileURLToPath(new URL('../../../server/dist/main.js', import.meta.url));
const readyWithinMs = 60_000;

export function bootstrapCommand(program: Command, shell: Shell): void {
  program
    .command('bootstrap')
    .description('open the log, a price list, an operator’s key and a demo account, as the first start does; then stop')
    .action(async () => {
      if (await wasDoneBefore(shell)) {
        report(shell, { first: false });
        return;
      }
      // In a cluster the first gateway makes the first start, never a decider.
      if (shell.settings.kafka !== undefined) throw cliFailures.bootstrap_with_kafka();
      await startOnce(shell);
      const { dataDir } = shell.settings;
      const [adminKey, sandboxKey, account] = await Promise.all(
        ['admin-key', 'sandbox-key', 'demo-account'].map((name) => secretFile(join(dataDir, name))),
      );
      if (adminKey === undefined || sandboxKey === undefined || account === undefined)
        throw cliFailures.bootstrap_failed(`the server left no keys in ${dataDir}`);
      report(shell, { first: true, admin_key: adminKey, sandbox_key: sandboxKey, account_id: account });
    });
}

/** Checks first whether a server runs: a start would take its lanes away. */
async function wasDoneBefore({ settings }: Shell): Promise<boolean> {
  const database = await openDatabase(settings).catch((failure: unknown) => {
    if (failure instanceof Failure && failure.code === 'database_not_made') return null;
    throw failure;
  });
  if (database === null) return false;
  const { pool, close } = database;
  try {
    return await wasBootstrapped(pool);
  } finally {
    await close();
  }
}

/** Starts a server, which makes the first start, and stops it as soon as it is ready. */
async function startOnce({ settings, environment }: Shell): Promise<void> {
  const child = spawn(process.execPath, [server], {
    env: {
      ...environment,
      RINGFENCE_DATA_DIR: settings.dataDir,
      RINGFENCE_ROLES: 'decider',
      RINGFENCE_PORT: '0',
      RINGFENCE_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-2_000)));
  await untilReadyLine(child);
  child.kill('SIGINT');
  const code = await new Promise<number | null>((resolve) => {
    if (child.exitCode === null && child.signalCode === null) child.once('close', resolve);
    else resolve(child.exitCode);
  });
  if (code !== 0)
    throw cliFailures.bootstrap_failed(complaint.trim().split('\n').at(-1) ?? `it ended with ${String(code)}`);
}

/** Settles when the server is ready, or has ended before that. */
function untilReadyLine(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    let output = '';
    const late = setTimeout(() => child.kill('SIGKILL'), readyWithinMs);
    const settle = () => {
      clearTimeout(late);
      resolve();
    };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      // The last line of the banner: by then the keys are in their files and marked as shown.
      if (output.includes('Ctrl-C stops it')) setTimeout(settle, 300);
    });
    child.once('close', settle);
  });
}

type Report =
  | { readonly first: false }
  | {
      readonly first: true;
      readonly admin_key: string;
      readonly sandbox_key: string;
      readonly account_id: string;
    };

function report({ terminal, settings }: Shell, result: Report): void {
  if (terminal.json) {
    terminal.line(JSON.stringify(result));
    return;
  }
  if (!result.first) {
    terminal.line('this log is open already: nothing was changed, and secrets are not shown again');
    return;
  }
  terminal.line(`${terminal.paint('green', '✓')} ready for a first call; these keys are shown this once`);
  terminal.line(`  admin key    ${result.admin_key}`);
  terminal.line(`  sandbox key  ${result.sandbox_key}   (demo account ${result.account_id})`);
  terminal.note(`  For development they are kept in ${settings.dataDir}, where only you can read them.`);
}
