import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { PlatformProcess } from './platform-process.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../', import.meta.url));

/** A Python environment with the public Teler client, as it comes from PyPI. */
export class TelerPython {
  private constructor(private readonly home: string) {}

  static async install(): Promise<TelerPython> {
    const home = await mkdtemp(join(tmpdir(), 'ringfence-teler-'));
    await run('python3', ['-m', 'venv', home]);
    await run(join(home, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', 'teler==1.0.0']);
    return new TelerPython(home);
  }

  /** Runs a script of this package against a server. @returns the JSON object that it prints */
  async run(script: string, { url }: Pick<PlatformProcess, 'url'>, apiKey: string): Promise<Record<string, unknown>> {
    const { stdout } = await run(join(this.home, 'bin/python'), ['-B', join(root, script), `${url}/api/v1`, apiKey]);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  discard(): Promise<void> {
    return rm(this.home, { recursive: true, force: true });
  }
}
