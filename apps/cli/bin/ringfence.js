#!/usr/bin/env node
// Stands in the repository, so that `npm ci` can link it before anything is built.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  process.stderr.write(`ringfence: it is not built yet: run \`npm run build\` in ${root} first (not_built)\n`);
  process.exitCode = 1;
}
