import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { PlatformProcess } from './platform-process.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../', import.meta.url));

/** A Python environment with a public client, as it comes from PyPI. */
export class StockPython {
  protected constructor(private readonly home: string) {}

  /** @param client the package with its version: `twilio==9.13.0` */
  static async install(client: string): Promise<StockPython> {
    return new StockPython(await environmentWith(client));
  }

  /** Runs a script of this package. @returns the JSON object that it prints */
  async execute(script: string, given: readonly string[]): Promise<Record<string, unknown>> {
    const { stdout } = await run(join(this.home, 'bin/python'), ['-B', join(root, script), ...given]);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  discard(): Promise<void> {
    return rm(this.home, { recursive: true, force: true });
  }
}

/** The environment with the public Teler client. */
export class TelerPython extends StockPython {
  static override async install(): Promise<TelerPython> {
    return new TelerPython(await environmentWith('teler==1.0.0'));
  }

  /** Runs a script against a server. @returns the JSON object that it prints */
  run(script: string, { url }: Pick<PlatformProcess, 'url'>, apiKey: string): Promise<Record<string, unknown>> {
    return this.execute(script, [`${url}/api/v1`, apiKey]);
  }
}

async function environmentWith(client: string): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'ringfence-python-'));
  await run('python3', ['-m', 'venv', home]);
  await run(join(home, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', client]);
  return home;
}
