// `node main.js 7-90`: runs these seeds one after the other and judges them. Errors and covered situations go to stdout
// as JSON, progress to stderr.
import { Progress } from './progress.js';
import { judgeSeeds, parseSeedRange } from './seed-range.js';
import { covered } from './coverage.js';

const range = parseSeedRange(process.argv[2] ?? '');
const progress = new Progress((line) => process.stderr.write(`${line}\n`));
const met = new Set<string>();
let last = range.first;
const wrong = await judgeSeeds(range, (run, fault) => {
  progress.ran(run, fault);
  for (const way of covered(run)) met.add(way);
  last = run.seed;
});
progress.end(last);
process.stdout.write(JSON.stringify({ wrong, met: [...met] }));
