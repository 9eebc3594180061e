import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import type { Bench, BenchReport } from './bench.js';

/** The benches, each loaded when its turn comes, so that none carries the memory of another. */
const benches: Record<string, () => Promise<Bench>> = {
  'event-store': async () => (await import('./event-store.bench.js')).eventStoreBench,
  'key-check': async () => (await import('./key-check.bench.js')).keyCheckBench,
  projections: async () => (await import('./projections.bench.js')).projectionsBench,
  acceptance: async () => (await import('./acceptance.bench.js')).acceptanceBench,
  reads: async () => (await import('./reads.bench.js')).readsBench,
  'many-connections': async () => (await import('./many-connections.bench.js')).manyConnectionsBench,
  'open-loop': async () => (await import('./open-loop.bench.js')).openLoopBench,
  neighbours: async () => (await import('./neighbours.bench.js')).neighboursBench,
  'own-writes': async () => (await import('./own-writes.bench.js')).ownWritesBench,
  'low-load': async () => (await import('./low-load.bench.js')).lowLoadBench,
  history: async () => (await import('./history.bench.js')).historyBench,
  accounts: async () => (await import('./accounts.bench.js')).accountsBench,
  storage: async () => (await import('./storage.bench.js')).storageBench,
  revocation: async () => (await import('./kafka/revocation.bench.js')).revocationBench,
  kafka: async () => (await import('./kafka/kafka.bench.js')).kafkaBench,
  sealed: async () => (await import('./kafka/sealed.bench.js')).sealedBench,
  recovery: async () => (await import('./kafka/recovery.bench.js')).recoveryBench,
  overload: async () => (await import('./kafka/overload.bench.js')).overloadBench,
  'decider-restart': async () => (await import('./kafka/decider-restart.bench.js')).deciderRestartBench,
};
const results = fileURLToPath(new URL('../results/', import.meta.url));
/** True if this run, with all that it starts, may use one core of several: it stands for a machine half as fast. */
const onOneCore = availableParallelism() === 1 && cpus().length > 1;

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  console.error(`no such bench: ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}
await mkdir(results, { recursive: true });
for (const [name, load] of Object.entries(benches)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const bench = await load();
  console.log(`\n${bench.title}   (npm run bench -- ${name})`);
  const report = await bench.run((line) => {
    console.error(`  ${line}`);
  });
  console.log(tableOf(report));
  await writeFile(
    `${results}${name}${onOneCore ? '.one-core' : ''}.json`,
    `${JSON.stringify(recordOf(name, report), bigintAsText, 2)}\n`,
  );
}

function tableOf({ rows }: BenchReport): string {
  const table = new Table({ head: ['what', 'figure', 'goal', 'met'], style: { head: [], border: [] } });
  for (const { what, figure, goal, met } of rows)
    table.push([what, figure, goal, met === null ? '' : met ? 'yes' : 'NO']);
  return table.toString();
}

function recordOf(name: string, report: BenchReport): unknown {
  const machine = { cores: availableParallelism(), memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version };
  const command = `npm run ${onOneCore ? 'bench:one-core' : 'bench'} -- ${name}`;
  return { bench: name, command, at: new Date().toISOString(), machine, ...report };
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
