// What `npm run start:kafka` runs: the cluster's shape on this machine, on a Node.js that can.
import { whyNodeUnfit } from '@ringfence/kernel/node-version';

const unfit = whyNodeUnfit(process.versions.node);
if (unfit === undefined) {
  await import('./cluster.mjs');
} else {
  process.stderr.write(
    `ringfence: ${unfit}: start it with \`npm run start:kafka\`, which runs one that npm installed\n`,
  );
  process.exitCode = 2;
}
