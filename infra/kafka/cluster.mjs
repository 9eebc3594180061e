// `npm run start:kafka`: the cluster's shape on this machine, every role in processes of its own. Uses KAFKA_BROKERS
// and DATABASE_URL where they are set; otherwise starts a broker and a database of its own under the data folder. A
// process that dies is started again, as in production. Who started it with a channel to it may add members and remove
// them; when the channel closes it stops.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { logOpenedBy } from '@ringfence/lanes/open-log';
import { firstEventOf } from '@ringfence/event-store-postgres/first-event';
import { logSecretText } from '@ringfence/server/start/log-secrets';
import { startEmbeddedPostgres } from '@ringfence/sql-postgres/embedded-postgres';
import { openPool } from '@ringfence/sql-postgres/pool';
import { loadOrCreateSecretFile } from '@ringfence/vault-postgres/secret-file';

const root = fileURLToPath(new URL('../../', import.meta.url));
const main = join(root, 'apps/server/dist/main.js');
const nodeFlags = JSON.parse(readFileSync(join(root, 'infra/node-flags.json'), 'utf8'));
const script = join(root, 'infra/kafka/kafka-local.sh');
const topDir = resolve(process.env.RINGFENCE_DATA_DIR ?? '.ringfence');
const dataDir = join(topDir, 'cluster');
const firstPort = Number(process.env.RINGFENCE_PORT ?? 7350);
const restartAfterMs = 1_000;
const stopWithinMs = 15_000;
/**
 * Members of the cluster. Those of one line start together, each line when the previous one is ready. The first opens
 * the log, the first gateway prepares an empty platform.
 */
const members = [
  [{ name: 'decider-1', roles: 'decider' }],
  [
    { name: 'decider-2', roles: 'decider' },
    { name: 'projector-1', roles: 'projector' },
    { name: 'projector-2', roles: 'projector' },
    { name: 'carrier-1', roles: 'carrier' },
  ],
  [{ name: 'gateway-1', roles: 'gateway', port: firstPort }],
  [{ name: 'gateway-2', roles: 'gateway', port: firstPort === 0 ? 0 : firstPort + 1 }],
];

mkdirSync(dataDir, { recursive: true, mode: 0o700 });
const undo = [];
const running = new Map();
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop(0));

try {
  const env = await environment();
  for (const line of members) {
    const started = line.map((member) => start(member, env));
    for (const [at, { name }] of line.entries()) running.set(name, started[at]);
    for (const { stop } of started) undo.push(stop);
    await Promise.all(started.map(({ ready }) => ready));
  }
  if (process.send !== undefined) takeOrders(env);
  const names = members.flat().map(({ name }) => name);
  const finds = relative(process.cwd(), join(dataDir, 'gateway-1'));
  process.stdout.write(`\nThe cluster is ready: ${names.join(', ')}.\n`);
  process.stdout.write(`With RINGFENCE_DATA_DIR=${finds} the command line finds it and its keys.\nCtrl-C stops it.\n`);
} catch (failure) {
  if (!stopping) process.stderr.write(`ringfence: ${failure instanceof Error ? failure.message : String(failure)}\n`);
  await stop(1);
}

function takeOrders(env) {
  process.on('disconnect', () => void stop(0));
  process.on('message', ({ add, remove }) => {
    if (add !== undefined) {
      const started = start(add, env);
      running.set(add.name, started);
      undo.push(started.stop);
      // One that cannot start is restarted; its caller waits for it to be ready.
      started.ready.catch(() => undefined);
    }
    if (remove !== undefined) void running.get(remove)?.stop();
  });
}

async function environment() {
  const { KAFKA_BROKERS: brokers = startBroker(), DATABASE_URL: database = await startDatabase() } = process.env;
  const secret = (name) => loadOrCreateSecretFile(join(dataDir, name), name);
  const log = await logIn(database);
  const secretOfLog = (which) => logSecretText(dataDir, which, log);
  return {
    ...process.env,
    KAFKA_BROKERS: brokers,
    DATABASE_URL: database,
    RINGFENCE_MASTER_KEY: process.env.RINGFENCE_MASTER_KEY ?? (await secretOfLog('masterKey')),
    RINGFENCE_PEPPER: process.env.RINGFENCE_PEPPER ?? (await secretOfLog('pepper')),
    RINGFENCE_CLUSTER_KEY: process.env.RINGFENCE_CLUSTER_KEY ?? (await secret('vouch-key')),
    RINGFENCE_COMMAND_KEY: process.env.RINGFENCE_COMMAND_KEY ?? (await secret('command-key')),
  };
}

/** The log that the database holds already; undefined: none. */
async function logIn(database) {
  const pool = openPool(database, { connectionsMax: 1 });
  try {
    const first = await firstEventOf(pool);
    return first === undefined ? undefined : logOpenedBy(first).logId;
  } finally {
    await pool.end();
  }
}

function startBroker() {
  const settings = { ...process.env, KAFKA_DATA: join(dataDir, 'kafka'), KAFKA_STATE: join(dataDir, 'kafka-state') };
  const broker = (what, stderr) =>
    execFileSync('bash', [script, what], { env: settings, encoding: 'utf8', stdio: ['ignore', 'pipe', stderr] });
  process.stdout.write('starting a Kafka broker (the first time its jars are fetched) …\n');
  undo.push(async () => void broker('stop', 'ignore'));
  return broker('start', 'inherit').trim().split('\n').at(-1);
}

async function startDatabase() {
  const database = await startEmbeddedPostgres({ dataDir, topDir });
  undo.push(() => database.stop());
  return database.url;
}

/** Settles `ready` when it says so for the first time. */
function start({ name, roles, port = 0 }, env) {
  let child;
  let over = false;
  let launches = 0;
  let settle;
  const ready = new Promise((resolve, reject) => (settle = { resolve, reject }));
  const launch = () => {
    launches += 1;
    child = spawn(process.execPath, [...nodeFlags, main], {
      env: {
        ...env,
        DATABASE_URL: named(env.DATABASE_URL, `${name}.${launches}`),
        RINGFENCE_ROLES: roles,
        RINGFENCE_PORT: String(port),
        RINGFENCE_DATA_DIR: join(dataDir, name),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    process.stdout.write(`${name} is process ${child.pid}\n`);
    // Ready first; whatever else it says follows, each line under its name.
    child.stdout.setEncoding('utf8').on('data', (text) => {
      if (roles === 'gateway') process.stdout.write(text.replace('\nCtrl-C stops it.\n', ''));
      if (!text.includes('Ringfence is ready')) return;
      process.stdout.write(`${name} is ready\n`);
      settle.resolve();
    });
    createInterface(child.stderr).on('line', (line) => process.stderr.write(`${name}: ${line}\n`));
    child.once('close', async (code, signal) => {
      settle.reject(new Error(`${name} ended with ${code ?? signal} before it was ready`));
      if (over || stopping) return;
      process.stderr.write(`${name} ended with ${code ?? signal}; it is started again\n`);
      await sleep(restartAfterMs);
      if (!over && !stopping) launch();
    });
  };
  launch();
  const stopChild = async () => {
    over = true;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
    await closed;
    clearTimeout(late);
  };
  return { ready, stop: stopChild };
}

/** Names each session after its process: the database's own views distinguish the processes, and each of their runs. */
function named(database, session) {
  const url = new URL(database);
  if (!url.searchParams.has('application_name')) url.searchParams.set('application_name', session);
  return url.href;
}

async function stop(code) {
  if (stopping) return;
  stopping = true;
  for (const step of undo.splice(0).reverse()) {
    await step().catch((failure) => process.stderr.write(`ringfence: ${failure.message}\n`));
  }
  process.exit(code);
}
