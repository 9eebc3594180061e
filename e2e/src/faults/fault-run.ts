import { setTimeout as sleep } from 'node:timers/promises';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { systemTimers } from '@ringfence/runtime/system-timers';
import { RequestIdentity } from '@ringfence/commands/request-identity';
import { laneCountDefault } from '@ringfence/kernel/lane';
import { topicsOf } from '@ringfence/wire/topics';
import { openPool } from '@ringfence/sql-postgres/pool';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { Recording } from '@ringfence/testing/checkers/recording';
import { PostgresSubjectVault } from '@ringfence/vault-postgres/postgres-subject-vault';
import { Asker } from './asking.js';
import { untilBrokenOff } from './aborted-run.js';
import { FaultCluster } from './fault-cluster.js';
import { untilSettled, compareReadModels, copyLog } from './collect-history.js';
import type { KeptRun } from './kept-run.js';
import { readNotes } from './observer.js';
import { ProcessLines } from './process-lines.js';
import { type ScheduledFault, describeFault, scheduleOf } from './schedule.js';
import { copyTopic } from './topic-copy.js';
import { Workload } from './workload.js';

type FaultRunOptions = {
  readonly seed: number;
  readonly faultsMs: number;
  readonly say: (line: string) => void;
};

/** Time for which work goes on after everything has recovered. */
const calmMs = 3_000;
const settleWithinMs = 60_000;
/** Time before and after the faults: a few minutes at most, on a slow machine. */
const besidesMs = 600_000;
export const copyWithinMs = 120_000;
/** Duration from which on a run is long: its clients are slower, so that it can still be judged. */
const longMs = 600_000;
const underWayMax = 2;
const members = ['decider-1', 'decider-2', 'projector-1', 'projector-2', 'carrier-1', 'gateway-1', 'gateway-2'];

/**
 * A whole run: the cluster, its clients, the faults, and what is left in the end, whether everything has settled or
 * not. An interrupted run gives what there is by then, and `seen` says so.
 */
export async function runFaults(options: FaultRunOptions): Promise<KeptRun> {
  const { seed, faultsMs, say } = options;
  const recording = new Recording(() => Date.now());
  const schedule = scheduleOf(seed, faultsMs);
  say(`fault run, seed ${String(seed)}, ${String(schedule.length)} faults in ${String(faultsMs / 1_000)} s:`);
  for (const fault of schedule) say(`  ${describeFault(fault)}`);
  const began = performance.now();
  const stage = (what: string) => {
    say(`${String(Math.round((performance.now() - began) / 1_000)).padStart(5)} s ${what}`);
  };
  const lines = new ProcessLines(recording);
  const seen: string[] = [];
  let left: Left = {
    recorded: [],
    outcomes: [],
    topic: [],
    tables: [],
    turnovers: [],
    notes: { committed: [], taken: [] },
  };
  let cluster: FaultCluster | undefined;
  const playing = async () => {
    cluster = await FaultCluster.start((process, line) => {
      lines.receive(process, line);
    });
    await play(cluster, { ...options, schedule, recording, seen, stage });
  };
  seen.push(...(await untilBrokenOff(playing, limitMsFor(faultsMs))));
  try {
    const copying = async (from: FaultCluster) => {
      left = await leftBy(from, seen);
    };
    const from = cluster;
    if (from !== undefined) seen.push(...(await untilBrokenOff(() => copying(from), copyWithinMs)));
    stage('what is left is copied');
    const { happenings: happened } = recording;
    return { seed, faultsMs, laneCount: laneCountDefault, happened, dialled: lines.dialled, seen, ...left };
  } finally {
    await cluster?.discard();
  }
}

/** Time limit after which a run is interrupted; what is left still has to be copied then. */
export function limitMsFor(faultsMs: number): number {
  return faultsMs * 3 + besidesMs;
}

type Playing = FaultRunOptions & {
  readonly schedule: readonly ScheduledFault[];
  readonly recording: Recording;
  readonly seen: string[];
  readonly stage: (what: string) => void;
};

async function play(cluster: FaultCluster, playing: Playing): Promise<void> {
  const { seed, faultsMs, schedule, recording, seen, stage } = playing;
  const asker = new Asker(() => cluster.gateways, await identityOf(cluster), recording);
  const workload = new Workload(asker, await cluster.cluster.key('admin-key'), seed, faultsMs > longMs);
  await workload.begin((name) => cluster.openAccount(name));
  stage('the cluster is ready, people begin');
  let over = false;
  const working = workload.run(() => over);
  const inflicting = async () => {
    seen.push(...(await inflictAll(cluster, schedule, recording)));
    stage('the faults are over');
    seen.push(...(await wrongWith(() => cluster.healthy(members))));
    await sleep(calmMs);
  };
  try {
    // If the clients cannot go on, the last fault is not waited for.
    await Promise.race([inflicting(), working]);
  } finally {
    over = true;
  }
  await working;
  seen.push(...(await calm(cluster, workload)));
  stage('everything has settled');
}

/**
 * Ends the run: clients get their answers, calls end, and lines are free.
 * @returns what did not
 */
async function calm({ databaseUrl }: FaultCluster, workload: Workload): Promise<readonly string[]> {
  const open = await workload.settle(settleWithinMs);
  return [
    ...(open > 0 ? [`${String(open)} commands have no answer though everything is well`] : []),
    ...(await wrongWith(() => untilSettled(databaseUrl))),
    ...(await workload.probeLines()),
    ...(await wrongWith(() => untilSettled(databaseUrl))),
  ];
}

type Left = Pick<KeptRun, 'recorded' | 'outcomes' | 'topic' | 'tables' | 'turnovers' | 'notes'>;

/** @param seen receives what could not be collected */
async function leftBy({ databaseUrl, brokers, cluster }: FaultCluster, seen: string[]): Promise<Left> {
  let log: Awaited<ReturnType<typeof copyLog>> = { recorded: [], outcomes: [], turnovers: [] };
  let notes: KeptRun['notes'] = { committed: [], taken: [] };
  let topic: KeptRun['topic'] = [];
  let tables: KeptRun['tables'] = [];
  const copies = [
    async () => {
      log = await copyLog(databaseUrl);
    },
    async () => {
      notes = await readNotes(databaseUrl);
    },
    async () => {
      topic = await copyTopic(brokers, topicsOf(cluster.topicPrefix), log.recorded.length);
    },
    async () => {
      tables = await compareReadModels(databaseUrl);
    },
  ];
  for (const copying of copies) seen.push(...(await wrongWith(copying)));
  return { ...log, notes, topic, tables };
}

async function wrongWith(work: () => Promise<void>): Promise<readonly string[]> {
  return work().then(
    () => [],
    (failure: unknown) => [failure instanceof Error ? failure.message : String(failure)],
  );
}

/**
 * Inflicts each fault at its moment; later if two others are still in progress, or one with the same target.
 * @returns unintended failures
 */
async function inflictAll(
  cluster: FaultCluster,
  schedule: readonly ScheduledFault[],
  recording: Recording,
): Promise<readonly string[]> {
  const began = performance.now();
  const underWay = new Map<string, Promise<void>>();
  const failures: string[] = [];
  for (const fault of schedule) {
    await sleep(Math.max(0, fault.atMs - (performance.now() - began)));
    const target = targetOf(fault);
    await underWay.get(target);
    while (underWay.size >= underWayMax) await Promise.race(underWay.values());
    recording.note({ kind: 'fault', what: `${fault.kind} begins`, of: target });
    const inflicted = cluster
      .inflict(fault)
      .then(
        () => {
          recording.note({ kind: 'fault', what: fault.kind, of: target });
        },
        (failure: unknown) => {
          failures.push(`${describeFault(fault)}: ${failure instanceof Error ? failure.message : String(failure)}`);
        },
      )
      .finally(() => underWay.delete(target));
    underWay.set(target, inflicted);
  }
  await Promise.all(underWay.values());
  return failures;
}

function targetOf(fault: ScheduledFault): string {
  if ('process' in fault) return fault.process;
  if (fault.kind === 'open_transaction') return 'commands';
  return fault.kind === 'broker_kill' ? 'broker' : 'database';
}

async function identityOf({ databaseUrl, masterKey }: FaultCluster): Promise<RequestIdentity> {
  const pool = openPool(databaseUrl);
  const masterKeys = KeyRing.parse(masterKey, 'the master key');
  const vault = await PostgresSubjectVault.open({ pool, masterKeys, ids: new PredictableIds(), timers: systemTimers });
  const identity = new RequestIdentity(await vault.durableKey('request_identity'));
  await pool.end();
  return identity;
}
