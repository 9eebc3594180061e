#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { whyNodeUnfit } from '@ringfence/kernel/node-version';
import { keepCompiledCode } from '@ringfence/runtime/compiled-code';
import { cliFailures } from './failures.js';
import { reportFailure } from './failure-report.js';

// A reader of the output may stop early (`| head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
// Checked before the commands are loaded: an older Node.js fails to load what they import.
const unfit = whyNodeUnfit(process.versions.node);
if (unfit === undefined) {
  keepCompiledCode(fileURLToPath(new URL('../../..', import.meta.url)));
  const { run } = await import('./program.js');
  process.exitCode = await run(process.argv, process.env, { out: process.stdout, err: process.stderr });
} else {
  process.exitCode = reportFailure(cliFailures.node_unfit(unfit), process.argv, process.stderr);
}
