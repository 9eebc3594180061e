// `node main.js 7-90`: runs these seeds one after the other and judges them. What is wrong goes to stdout as a JSON array, how far it is to stderr.
import { Progress } from './progress.js';
import { judgeSeeds, parseSeedRange } from './seed-range.js';

const range = parseSeedRange(process.argv[2] ?? '');
const progress = new Progress((line) => process.stderr.write(`${line}\n`));
let last = range.first;
const wrong = await judgeSeeds(range, (run, fault) => {
  progress.ran(run, fault);
  last = run.seed;
});
progress.end(last);
process.stdout.write(JSON.stringify(wrong));
