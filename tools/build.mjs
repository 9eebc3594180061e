// Compiles every workspace's src/ to its dist/ with swc: one pass, only what is newer than its output.
import { transformFile } from '@swc/core';
import { copyFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleSdk } from './bundle-sdk.mjs';
import { bundleServer } from './bundle-server.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const copied = /\.(sql|html|css|json)$/;
const source = /(?<!\.d)\.ts$/;
const test = /\.spec\.ts$/;

const options = {
  swcrc: false,
  configFile: false,
  sourceMaps: true,
  module: { type: 'es6' },
  jsc: {
    target: 'es2023',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, verbatimModuleSyntax: true },
  },
};

const started = performance.now();
const own = (await stat(fileURLToPath(import.meta.url))).mtimeMs;
/** The time at which the newest output was written. */
let newestMs = 0;
const counts = await Promise.all((await workspaces()).map(buildWorkspace));
const compiled = counts.reduce((sum, count) => sum + count, 0);
// A bundle contains what was compiled, and the server's contains packages, too: rebuilt when any of that is newer.
await Promise.all([
  bundleIfOlder('libs/sdk/bundle/main.js', ['tools/bundle-sdk.mjs'], bundleSdk),
  bundleIfOlder(
    'apps/server/bundle/server.js',
    ['tools/bundle-server.mjs', 'node_modules/.package-lock.json'],
    bundleServer,
  ),
]);
if (compiled > 0) console.error(`built ${compiled} files in ${Math.round(performance.now() - started)} ms`);

async function workspaces() {
  const places = ['apps', 'libs', 'libs/adapters', 'examples'];
  const nested = await Promise.all(
    places.map(async (place) => (await folders(place)).map((name) => join(place, name))),
  );
  const candidates = [...nested.flat(), 'bench', 'e2e'];
  const found = await Promise.all(candidates.map((place) => modified(join(root, place, 'src'))));
  return candidates.filter((_, index) => found[index] > 0);
}

async function folders(place) {
  const entries = await readdir(join(root, place), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

async function buildWorkspace(place) {
  const from = join(root, place, 'src');
  const to = join(root, place, 'dist');
  const files = await filesUnder(from);
  const wanted = new Set();
  let count = 0;
  for (const file of files.filter((name) => !test.test(name))) {
    const input = join(from, file);
    if (source.test(file)) {
      const output = join(to, file.replace(source, '.js'));
      wanted.add(output).add(`${output}.map`);
      if (await isCurrent(input, output)) continue;
      const { code, map } = await transformFile(input, { ...options, filename: input, sourceFileName: input });
      await mkdir(dirname(output), { recursive: true });
      await writeFile(`${output}.map`, map);
      await writeFile(output, `${code}\n//# sourceMappingURL=${output.split('/').pop()}.map\n`);
      count += 1;
    } else if (copied.test(file)) {
      const output = join(to, file);
      wanted.add(output);
      if (await isCurrent(input, output)) continue;
      await mkdir(dirname(output), { recursive: true });
      await copyFile(input, output);
      count += 1;
    }
  }
  for (const file of await filesUnder(to)) if (!wanted.has(join(to, file))) await rm(join(to, file));
  return count;
}

async function filesUnder(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

async function isCurrent(input, output) {
  const [inputMs, outputMs] = await Promise.all([modified(input), modified(output)]);
  newestMs = Math.max(newestMs, outputMs);
  return outputMs > inputMs && outputMs > own;
}

async function bundleIfOlder(bundle, sources, build) {
  const [ownMs, ...newer] = await Promise.all([bundle, ...sources].map((path) => modified(join(root, path))));
  if (compiled > 0 || ownMs <= Math.max(newestMs, ...newer)) await build();
}

async function modified(path) {
  return stat(path).then(
    (found) => found.mtimeMs,
    () => 0,
  );
}
