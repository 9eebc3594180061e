// `npm test [-- path …]`: builds, runs the specs, then the end-to-end tests one after another; the last line counts them all.
// `--long` runs the long tests instead.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const long = process.argv.includes('--long');
const paths = process.argv.slice(2).filter((argument) => argument !== '--long');
const endToEnd = ['--testMatch', '<rootDir>/e2e/**/*.e2e.ts', '--runInBand', '--testTimeout=300000'];
const suites = long
  ? [{ name: 'long', args: ['--testMatch', '<rootDir>/**/*.long.ts', '--runInBand', '--testTimeout=7200000'] }]
  : [
      { name: 'specs', args: ['--maxWorkers=2', '--testTimeout=60000'] },
      { name: 'end to end', args: endToEnd },
      {
        name: 'end to end, over Kafka',
        args: ['--testPathIgnorePatterns=cluster.e2e', ...endToEnd],
        env: { TEST_SHAPE: 'kafka' },
      },
    ];

const build = spawnSync(process.execPath, ['tools/build.mjs'], { cwd: root, stdio: 'inherit' });
const scratch = mkdtempSync(join(tmpdir(), 'ringfence-test-'));
const total = { passed: 0, failed: build.status === 0 ? 0 : 1, skipped: 0 };
const notRun = [];
if (build.status === 0) for (const suite of suites) run(suite);
rmSync(scratch, { recursive: true, force: true });

for (const name of notRun) console.log(`skipped: ${name}`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
if (total.passed + total.failed === 0) console.error('no test ran');
console.log(`tests: ${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);

function run({ name, args, env = {} }) {
  console.error(`\n— ${name} —`);
  const results = join(scratch, `${name}.json`);
  const jest = [
    'node_modules/jest/bin/jest.js',
    '--passWithNoTests',
    '--json',
    `--outputFile=${results}`,
    ...args,
    ...paths,
  ];
  const { status } = spawnSync(
    process.execPath,
    ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', ...jest],
    {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  if (!existsSync(results)) {
    total.failed += 1;
    return;
  }
  const found = JSON.parse(readFileSync(results, 'utf8'));
  total.passed += found.numPassedTests;
  total.failed += found.numFailedTests + found.numRuntimeErrorTestSuites;
  total.skipped += found.numPendingTests + found.numTodoTests;
  const tests = found.testResults.flatMap(({ assertionResults }) => assertionResults);
  notRun.push(...tests.filter(({ status }) => status === 'pending').map(({ fullName }) => fullName));
  if (status !== 0 && total.failed === 0) total.failed += 1;
}
