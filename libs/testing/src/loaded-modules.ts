import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Writes the address of each loaded module into a file, one per line, when the process ends. */
const listing = (file: string) =>
  `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  import { writeFileSync } from 'node:fs';
  const loaded = [];
  registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
  process.on('exit', () => writeFileSync(${JSON.stringify(file)}, loaded.join('\\n')));
`)}`;

/** Runs Node.js to its end. @returns addresses of the files loaded as modules. @throws if it fails */
export async function modulesLoadedBy(args: readonly string[]): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ringfence-loaded-'));
  try {
    const list = join(folder, 'modules');
    await promisify(execFile)(process.execPath, ['--import', listing(list), ...args]);
    const addresses = await readFile(list, 'utf8');
    return addresses.split('\n').filter((address) => address.startsWith('file:'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
