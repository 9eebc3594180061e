// `npm test [-- path …]`: builds, runs the specs, then the end-to-end tests, two files at a time, alone what nothing
// may run beside, and what mostly waits beside the fault run; the last line counts them all. `--long` runs the long
// tests instead, `--faults` the fault run alone: with `--seed N`, for `--minutes M`, or as `--check FILE` of a run that
// was kept.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { leftOut } from './test-needs.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const long = process.argv.includes('--long');
const faults = process.argv.includes('--faults');
const { paths, env: given } = argumentsOf(process.argv.slice(2));
// They start processes and wait for them, mostly.
const endToEnd = ['--testMatch', '<rootDir>/e2e/**/*.e2e.ts', '--maxWorkers=2', '--forceExit', '--testTimeout=150000'];
/** Files that expect times of a few seconds from the platform, and so need the machine to themselves. */
const apart = ['first-five-minutes', 'clock-steps'];
/**
 * Files that run beside the fault run, one after the other: neither that nor the first of these computes for much of
 * its time, and nothing of the fault run loads the SDK's bundle, which the second rebuilds.
 */
const besideFaults = ['network-partition', 'sdk-package'];
// Signed commands come over a topic alone.
const elsewhere = ['signed-commands', ...apart, ...besideFaults];
const oneByOne = (...names) => [
  '--testMatch',
  `<rootDir>/e2e/**/(${names.join('|')}).e2e.ts`,
  '--runInBand',
  '--forceExit',
  '--testTimeout=150000',
];
const sqlSpecs = [
  '<rootDir>/libs/adapters/{backup,event-store,vault,reactor-checkpoints}-postgres/**/!(crash).spec.ts',
  '<rootDir>/libs/adapters/sql-postgres/**/time-zones.spec.ts',
  '<rootDir>/libs/projections/**/projection-engine.spec.ts',
  '<rootDir>/libs/read-models/**/*.spec.ts',
];
/** Limit for one suite: one that hangs is ended with all that it started, and counts as failed. */
const minutesMax = long ? 600 : 30;
const faultMinutes = Number(given.FAULT_MINUTES ?? 1.5);
const faultRun = {
  name: 'fault run',
  args: ['--testMatch', '<rootDir>/e2e/**/*.faults.ts', '--runInBand', '--forceExit'],
  env: given,
  // Above the run's own limit, 3 times its minutes and 14: a run that is broken off by itself is kept.
  minutesMax: faultMinutes * 3 + 16,
};
/** One after the other; those of a list at once. */
const suites = long
  ? [{ name: 'long', args: ['--testMatch', '<rootDir>/**/*.long.ts', '--runInBand', '--testTimeout=7200000'] }]
  : faults
    ? [faultRun]
    : [
        { name: 'specs', args: ['--maxWorkers=2', '--testTimeout=60000'] },
        // What speaks SQL, once more on the oldest PostgreSQL that we promise to run on.
        {
          name: 'on PostgreSQL 15',
          // What a list is given ends with the next option: the paths asked for come behind.
          args: ['--maxWorkers=2', '--testMatch', ...sqlSpecs, '--testTimeout=60000'],
          env: { TEST_POSTGRES: 'oldest' },
        },
        {
          name: 'end to end',
          args: [`--testPathIgnorePatterns=(${elsewhere.join('|')}).e2e`, ...endToEnd],
        },
        { name: 'end to end, alone', args: oneByOne(...apart) },
        {
          name: 'end to end, over Kafka',
          // Left out: files that bring a shape of their own, start none, or concern the embedded database, have been
          // run already. A held decider's commands wait in the topic, so that clients see a clock step only in a single
          // process; the fault run steps clocks over Kafka.
          args: [
            '--testPathIgnorePatterns=(first-five-minutes|network-partition|recovery|cluster|upgrade-carrier|traces|account-topics|sdk|sdk-package|example|generated-clients|oldest-postgres|lost-files|start-as-root|unfit-database|unfit-node|behind-a-proxy|command-line-login|clock-steps).e2e',
            ...endToEnd,
          ],
          env: { TEST_SHAPE: 'kafka' },
        },
        { name: 'end to end, over Kafka, alone', args: oneByOne('first-five-minutes'), env: { TEST_SHAPE: 'kafka' } },
        [faultRun, { name: 'end to end, beside the fault run', args: oneByOne(...besideFaults) }],
      ];

const build = spawnSync(process.execPath, ['tools/build.mjs'], { cwd: root, stdio: 'inherit' });
const scratch = mkdtempSync(join(tmpdir(), 'ringfence-test-'));
const total = { passed: 0, failed: build.status === 0 ? 0 : 1, skipped: 0 };
const notRun = [];
const clustersBefore = new Set(orphanedClusters());
const without = leftOut(root, process.env);
if (build.status === 0) for (const suite of suites) await Promise.all([suite].flat().filter(mayHave).map(run));
rmSync(scratch, { recursive: true, force: true });

const left = orphanedClusters().filter((place) => !clustersBefore.has(place));
for (const place of left) console.error(`left behind by a test: ${place}`);
total.failed += left.length;
for (const name of notRun) console.log(`skipped: ${name}`);
const lacking = [...without.suites, ...without.files].filter(([name]) => wasWanted(name));
for (const [name, missing] of lacking) console.log(`left out: ${name} (not here: ${missing})`);
const skipped =
  (total.skipped > 0 ? `, ${total.skipped} skipped` : '') +
  (lacking.length > 0 ? `, ${lacking.length} suites and files left out` : '');
if (total.passed + total.failed === 0) console.error('no test ran');
console.log(`tests: ${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);

function argumentsOf(given) {
  const settings = { '--seed': 'FAULT_SEED', '--minutes': 'FAULT_MINUTES', '--check': 'FAULT_CHECK' };
  const paths = [];
  const env = {};
  for (let at = 0; at < given.length; at += 1) {
    const setting = settings[given[at]];
    if (setting !== undefined) env[setting] = given[(at += 1)] ?? '';
    else if (!['--long', '--faults'].includes(given[at])) paths.push(given[at]);
  }
  return { paths, env };
}

/** Finds root's databases outside the data folder whose temporary data folders are gone. */
function orphanedClusters() {
  const places = '/var/lib/ringfence';
  if (process.getuid?.() !== 0 || !existsSync(places)) return [];
  return readdirSync(places)
    .map((name) => join(places, name))
    .filter((place) => {
      const owner = join(place, 'data-folder');
      const dataDir = existsSync(owner) ? readFileSync(owner, 'utf8').trim() : '';
      return dataDir.startsWith(tmpdir()) && !existsSync(dataDir);
    });
}

async function run({ name, args, env = {}, minutesMax: limit = minutesMax }) {
  if (without.suites.has(name)) return;
  console.error(`\n— ${name} —`);
  const results = join(scratch, `${name}.json`);
  const jest = [
    'node_modules/jest/bin/jest.js',
    '--passWithNoTests',
    '--json',
    `--outputFile=${results}`,
    ...['node_modules/', ...without.files.keys()].map(
      (path) => `--testPathIgnorePatterns=/${path.replaceAll('.', '\\.')}`,
    ),
    ...args,
    ...paths,
  ];
  const began = performance.now();
  const status = await ended(
    ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', ...jest],
    env,
    limit,
  );
  console.error(`— ${name}: ${String(Math.round((performance.now() - began) / 1_000))} s —`);
  if (status === null) console.error(`${name}: not done within ${limit} minutes, ended`);
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

/** Paths of sources match nothing below `e2e`: six suites would each say that they found no test. */
function mayHave({ args }) {
  const ofSources = paths.length > 0 && paths.every((path) => /^(?:apps|bench|libs|tools)(?:\/|$)/.test(path));
  return !ofSources || !args.some((arg) => arg.includes('<rootDir>/e2e/'));
}

function wasWanted(name) {
  const kinds = long ? ['long'] : faults ? ['faults'] : ['spec', 'e2e', 'faults'];
  if (!kinds.some((kind) => name.endsWith(`.${kind}.ts`))) return suites.flat().some((suite) => suite.name === name);
  return paths.length === 0 || paths.some((path) => name.includes(path));
}

/** A group of its own, so that nothing it started outlives it. @returns its exit code; null: it took too long */
async function ended(args, env, limit) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  const end = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch (failure) {
      if (failure.code !== 'ESRCH') throw failure;
    }
  };
  const pass = (signal) => end(signal);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, pass);
  const late = setTimeout(() => end('SIGKILL'), limit * 60_000);
  const [code] = await once(child, 'exit');
  clearTimeout(late);
  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, pass);
  end('SIGKILL');
  return code;
}
