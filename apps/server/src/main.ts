import { fileURLToPath } from 'node:url';
import { whyNodeUnfit } from '@ringfence/kernel/node-version';
import { keepCompiledCode } from '@ringfence/runtime/compiled-code';
import { whyZstdMissing } from '@ringfence/runtime/node-zstd';

// Checked before anything else is loaded: an older Node.js, or one without zstd, fails to load what the server imports.
const tooOld = whyNodeUnfit(process.versions.node);
const unfit =
  tooOld === undefined
    ? whyZstdMissing()
    : `${tooOld}: start the server with \`npm start\`, which runs one that npm installed`;
if (unfit === undefined) {
  keepCompiledCode(fileURLToPath(new URL('../../..', import.meta.url)));
  // `server.ts` with all that it imports: tools/bundle-server.mjs.
  await import(new URL('../bundle/server.js', import.meta.url).href);
} else {
  process.stderr.write(`ringfence: ${unfit}\n`);
  process.exitCode = 2;
}
