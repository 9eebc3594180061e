import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const catalogue = 'libs/event-catalog/dist/event-catalog.js';
/** An event that a later release may write in another version. */
export type ChangedEvent = 'account.credit_added' | 'call.placed';

/** A release after this one. */
export type NextRelease = { readonly main: string; readonly discard: () => Promise<void> };

/**
 * Copies the built code into a folder of its own, changed so that it writes this event in the version after ours, and
 * still reads ours.
 */
export async function buildNextRelease(changed: ChangedEvent): Promise<NextRelease> {
  const folder = await mkdtemp(join(tmpdir(), 'ringfence-next-'));
  const places = ['apps/server', ...(await folders('libs')), ...(await folders('libs/adapters'))];
  for (const place of places.filter((name) => name !== 'libs/adapters')) {
    for (const part of ['package.json', 'dist'])
      await cp(join(root, place, part), join(folder, place, part), { recursive: true });
  }
  await linkPackages(folder, places);
  const file = join(folder, catalogue);
  const code = await readFile(file, 'utf8');
  const indexed = 'const index = catalogueIndex(eventCatalogue);';
  if (!code.includes(indexed)) throw new Error(`${catalogue} does not say what this test changes`);
  const next = `const changed = Object.values(eventCatalogue).find(({ name }) => name === '${changed}');
changed.upcasters = [...(changed.upcasters ?? []), (data) => data];
changed.version += 1;`;
  await writeFile(file, code.replace(indexed, `${next}\n${indexed}`));
  return {
    // Not `main.js`, which starts the bundle: only the compiled modules are changed here.
    main: join(folder, 'apps/server/dist/server.js'),
    discard: () => rm(folder, { recursive: true, force: true }),
  };
}

async function folders(place: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, place), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(place, entry.name));
}

/** Links third-party packages; our own are copied. */
async function linkPackages(folder: string, places: readonly string[]): Promise<void> {
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, '@ringfence'), { recursive: true });
  for (const name of await readdir(join(root, 'node_modules')))
    if (name !== '@ringfence' && !name.startsWith('.'))
      await symlink(join(root, 'node_modules', name), join(modules, name));
  for (const place of places.filter((name) => name.startsWith('libs/') && name !== 'libs/adapters')) {
    const { name } = JSON.parse(await readFile(join(root, place, 'package.json'), 'utf8')) as { readonly name: string };
    const link = join(modules, name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(folder, place), link);
  }
}
