#!/usr/bin/env node
import { run } from './program.js';

// Whoever reads may have read enough (`| head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
process.exitCode = await run(process.argv, process.env, { out: process.stdout, err: process.stderr });
