// Bundles libs/sdk into one file that needs nothing of this repository: what is published, and what everybody here runs
// too.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = fileURLToPath(new URL('../libs/sdk/', import.meta.url));

export async function bundleSdk() {
  const { dependencies } = JSON.parse(await readFile(`${folder}package.json`, 'utf8'));
  await build({
    entryPoints: [`${folder}src/main.ts`],
    outfile: `${folder}bundle/main.js`,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    conditions: ['ringfence-source'],
    external: Object.keys(dependencies),
    logLevel: 'warning',
  });
}
