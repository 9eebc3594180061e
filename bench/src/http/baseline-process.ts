import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { serverFlags } from '@ringfence/e2e/platform-process';

type BaselineProcess = {
  readonly url: string;
  readonly key: string;
  readonly pid: number;
  readonly dataDir: string;
  stop(): Promise<void>;
};

export type BaselineMode = 'constant' | 'transaction' | 'unordered';

/** Starts the baseline in a process of its own, like the platform. */
export function startBaseline(mode: BaselineMode): Promise<BaselineProcess> {
  return startServer('./baseline-server.js', mode);
}

/** Starts the bare route that reads one row of a table with so many. */
export function startRowServer(rows: number): Promise<BaselineProcess> {
  return startServer('./row-server.js', String(rows));
}

async function startServer(script: string, argument: string): Promise<BaselineProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ringfence-baseline-'));
  const main = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [...serverFlags, main, argument, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const line = await Promise.race([once(createInterface(child.stdout), 'line'), ended]);
  const { url, key } = JSON.parse(String(line[0])) as { readonly url: string; readonly key: string };
  return {
    url,
    key,
    pid: child.pid ?? Number.NaN,
    dataDir,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
