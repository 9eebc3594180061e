import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const cliMain = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));

type CommandResult = { readonly code: number; readonly out: string; readonly err: string };

/** Returns the environment of a command line, without this process's settings. */
export function cliEnvironment(dataDir: string, env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, DATABASE_URL: '', KAFKA_BROKERS: '', ...env, RINGFENCE_DATA_DIR: dataDir };
}

/** Runs `ringfence …` in a process of its own, on the data of `dataDir`. */
export function ringfence(
  dataDir: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const options = { env: cliEnvironment(dataDir, env), maxBuffer: 1 << 26 };
  return new Promise((resolve) => {
    execFile(process.execPath, [cliMain, ...args], options, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}

/** Parses the JSON objects, one per line, of a command with `--json`. */
export const linesOf = ({ out }: Pick<CommandResult, 'out'>) =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
