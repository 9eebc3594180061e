// `npm pack` and `npm publish` in libs/sdk: the bundle, and beside it the types of all that it was made of.
import { execFileSync } from 'node:child_process';
import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleSdk } from './bundle-sdk.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const libs = join(root, 'libs');
const bundle = join(libs, 'sdk/bundle');
const types = join(bundle, 'types');

await rm(bundle, { recursive: true, force: true });
await bundleSdk();
execFileSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tools/sdk-types.json'), '--outDir', types],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
// A workspace by its name is a folder beside the others here.
const places = new Map();
for (const place of ['', 'adapters/']) {
  for (const name of await readdir(join(libs, place))) {
    const manifest = await readFile(join(libs, place, name, 'package.json'), 'utf8').catch(() => undefined);
    if (manifest !== undefined) places.set(JSON.parse(manifest).name, join(types, place, name, 'src'));
  }
}
for (const entry of await readdir(types, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = join(entry.parentPath, entry.name);
  const text = await readFile(path, 'utf8');
  const own = text.replaceAll(/(['"])(@ringfence\/[a-z-]+)\/([^'"]+)\1/g, (_, quote, workspace, file) => {
    const to = relative(dirname(path), join(places.get(workspace), `${file}.js`));
    return quote + (to.startsWith('.') ? to : `./${to}`) + quote;
  });
  if (own !== text) await writeFile(path, own);
}
await copyFile(join(root, 'LICENSE'), join(libs, 'sdk/LICENSE'));
