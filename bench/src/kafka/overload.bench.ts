import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { ClusterOfMembers } from '@ringfence/e2e/cluster-of-members';
import { PlatformProcess } from '@ringfence/e2e/platform-process';
import { issueKey, openAccount } from '@ringfence/e2e/test-accounts';
import { type Bench, type BenchRow, median, rounds } from '../bench.js';
import { type Build, builds } from '../beside.js';
import { load } from '../http/load.js';
import { openLoopLoad, type OpenLoopResult } from '../http/open-loop-load.js';
import { initiatePath, ringsForEver } from '../http/platform.js';

const capacitySeconds = 8;
const capacityConnections = 128;
const floodSeconds = 10;
/** Connections, more than wait for answers at any moment: latency includes no wait for a free one. */
const floodConnections = 2_000;
const factors = [1, 1.5, 3] as const;
const neighbourPerSecond = 20;
const settings = { RINGFENCE_LOG_LEVEL: 'warn' };
const wide = { calls_per_second: 10_000, burst_calls: 10_000, lines_max: 100_000 };
const members = {
  'decider-1': 'decider',
  'projector-1': 'projector',
  'carrier-1': 'carrier',
  'gateway-1': 'gateway',
  'gateway-2': 'gateway',
} as const;

const p99MsMax = 1_000;
const revokedWithinMs = 1_000;
const shareMin = 0.9;

/** A platform under load: one process, or the gateways of a cluster. */
type Subject = { readonly gateways: readonly PlatformProcess[]; readonly discard: () => Promise<void> };
type Shape = {
  readonly name: string;
  readonly start: (main: string | undefined) => Promise<Subject>;
  /** Other processes that compute without a pause meanwhile. */
  readonly others: number;
};

const shapes: readonly Shape[] = [
  { name: 'one process', start: oneProcess, others: 0 },
  { name: 'one process beside other work', start: oneProcess, others: cpus().length },
  { name: 'cluster', start: cluster, others: 0 },
  { name: 'cluster beside other work', start: cluster, others: cpus().length },
];

type Flood = {
  readonly factor: number;
  readonly acceptedPerSecond: number;
  readonly acceptedP99Ms: number;
  readonly refusals: Readonly<Record<string, number>>;
  readonly unanswered: number;
  /** Time from the request to revoke a key of the flooding account until no gateway admitted the key any more. */
  readonly revokedMs: number;
  /** The share of a neighbour's calls that were accepted. */
  readonly neighbourShare: number;
};
type Round = {
  readonly build: Build['build'];
  readonly shape: string;
  readonly capacity: number;
  readonly floods: readonly Flood[];
};

/** More load than the machine can carry: what is accepted still, how fast, and how the rest is refused. */
export const overloadBench: Bench = {
  name: 'overload',
  title: `Calls of one account at ${factors.join(', ')} times of what the machine can do, open loop, ${String(floodSeconds)} s each`,
  run: async (progress) => {
    const measured: Round[] = [];
    const chosen = shapes.filter(({ name }) => name.startsWith(process.env['RINGFENCE_BENCH_SHAPE'] ?? ''));
    for (let round = 1; round <= rounds; round += 1)
      for (const shape of chosen)
        for (const build of builds) {
          const found = await oneRound(shape, build);
          measured.push(found);
          progress(`round ${String(round)}, ${build.build}, ${shape.name}: ${JSON.stringify(found)}`);
        }
    return { rows: chosen.flatMap(({ name }) => rowsOf(measured, name)), details: measured };
  },
};

async function oneProcess(main: string | undefined): Promise<Subject> {
  const platform = await PlatformProcess.start({ env: settings, ...(main === undefined ? {} : { main }) });
  return { gateways: [platform], discard: () => platform.discard() };
}

async function cluster(main: string | undefined): Promise<Subject> {
  const started = await ClusterOfMembers.start(members, settings, undefined, main);
  return {
    gateways: [started.member('gateway-1'), started.member('gateway-2')],
    discard: () => started.discard(),
  };
}

async function oneRound(shape: Shape, { build, main }: Build): Promise<Round> {
  const subject = await shape.start(main);
  const stopOthers = startOthers(shape.others);
  try {
    const capacity = await capacityOf(subject);
    const floods: Flood[] = [];
    for (const factor of factors) floods.push(await flood(subject, factor, capacity));
    return { build, shape: shape.name, capacity, floods };
  } finally {
    stopOthers();
    await subject.discard();
  }
}

function startOthers(count: number): () => void {
  const busy = Array.from({ length: count }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
  return () => {
    for (const each of busy) each.kill('SIGKILL');
  };
}

/** The calls a second that are accepted in a closed loop. The first round of it warms the processes. */
async function capacityOf({ gateways }: Subject): Promise<number> {
  const { secret } = await customer(gateways, 'capacity');
  let perSecond = 0;
  for (const seconds of [capacitySeconds / 2, capacitySeconds]) {
    const results = await Promise.all(
      gateways.map(({ url }) =>
        load({
          url: `${url}${initiatePath}`,
          key: secret,
          body: ringsForEver,
          connections: capacityConnections / gateways.length,
          seconds,
        }),
      ),
    );
    perSecond = sum(results.map(({ statuses }) => (statuses['202'] ?? 0) / seconds));
  }
  return perSecond;
}

async function flood(subject: Subject, factor: number, capacity: number): Promise<Flood> {
  const { gateways } = subject;
  const flooding = await customer(gateways, `flood ${String(factor)}`);
  const neighbour = await customer(gateways, `neighbour ${String(factor)}`);
  const split = (perSecond: number, key: string, connections: number) =>
    gateways.map(({ url }) =>
      openLoopLoad({
        url: `${url}${initiatePath}`,
        key,
        body: ringsForEver,
        connections: connections / gateways.length,
        seconds: floodSeconds,
        perSecond: perSecond / gateways.length,
      }),
    );
  const [floods, neighbours, revokedMs] = await Promise.all([
    Promise.all(split(factor * capacity, flooding.secret, floodConnections)),
    Promise.all(split(neighbourPerSecond, neighbour.secret, 16)),
    pause(floodSeconds * 400).then(() => revocationMs(gateways, flooding)),
  ]);
  const asked = neighbourPerSecond * floodSeconds;
  return {
    factor,
    acceptedPerSecond: sum(floods.map(({ acceptedPerSecond }) => acceptedPerSecond)),
    acceptedP99Ms: Math.max(...floods.map(({ acceptedP99Ms }) => acceptedP99Ms)),
    refusals: added([...floods, ...neighbours].map(({ refusals }) => refusals)),
    unanswered: sum([...floods, ...neighbours].map(({ errors }) => errors)),
    revokedMs,
    neighbourShare: sum(neighbours.map(accepted)) / asked,
  };
}

type Customer = {
  readonly secret: string;
  readonly adminSecret: string;
  readonly spare: { secret: string; keyId: string };
};

/** An account with a key that places calls, one that revokes keys, and one to be revoked. */
async function customer(gateways: readonly PlatformProcess[], name: string): Promise<Customer> {
  const [operator] = gateways;
  if (operator === undefined) throw new Error('there is no gateway');
  const accountId = await openAccount(operator, name);
  const scopes = { ...wide, preset: null };
  const { secret } = await issueKey(operator, accountId, { ...scopes, scopes: ['calls:write'] });
  const admin = await issueKey(operator, accountId, { ...scopes, scopes: ['keys:write', 'calls:read'] });
  const spare = await issueKey(operator, accountId, { ...scopes, scopes: ['calls:read', 'calls:write'] });
  return { secret, adminSecret: admin.secret, spare };
}

/** Revokes a key, and tries it at every gateway until none admits it. @returns how long that took */
async function revocationMs(gateways: readonly PlatformProcess[], { adminSecret, spare }: Customer): Promise<number> {
  const beganAtMs = performance.now();
  const [first] = gateways;
  const revoked = await first?.ask(adminSecret, 'POST', `/api/v1/keys/${spare.keyId}/revoke`, { reason: 'leaked' });
  if (revoked?.status !== 200) return Number.POSITIVE_INFINITY;
  await Promise.all(
    gateways.map(async (gateway) => {
      while ((await gateway.ask(spare.secret, 'GET', '/api/v1/voice/calls?limit=1')).status !== 401)
        if (performance.now() - beganAtMs > 30_000) throw new Error('a revoked key is admitted for 30 s');
    }),
  );
  return performance.now() - beganAtMs;
}

function rowsOf(measured: readonly Round[], shape: string): readonly BenchRow[] {
  return builds.flatMap(({ build }) => {
    const those = measured.filter((each) => each.shape === shape && each.build === build);
    const of = (pick: (round: Round) => number) => median(those.map(pick));
    const isOurs = build === 'this';
    const name = isOurs ? shape : `${shape} (the build beside)`;
    const row = (what: string, figure: string, goal: string, met: boolean): BenchRow =>
      isOurs
        ? { what: `${name}, ${what}`, figure, goal, met }
        : { what: `${name}, ${what}`, figure, goal: '', met: null };
    const peakOf = ({ capacity, floods }: Round) =>
      Math.max(capacity, ...floods.map(({ acceptedPerSecond }) => acceptedPerSecond));
    const perFactor = factors.flatMap((factor, at) => {
      const floodOf = ({ floods }: Round) => {
        const found = floods[at];
        if (found === undefined) throw new RangeError('each factor has its flood');
        return found;
      };
      const perSecond = of((round) => floodOf(round).acceptedPerSecond);
      const share = of((round) => floodOf(round).acceptedPerSecond / peakOf(round));
      const p99 = of((round) => floodOf(round).acceptedP99Ms);
      const revokedMs = of((round) => floodOf(round).revokedMs);
      const neighbours = of((round) => floodOf(round).neighbourShare);
      const refusals = added(those.map((round) => floodOf(round).refusals));
      const unanswered = sum(those.map((round) => floodOf(round).unanswered));
      const others = Object.keys(refusals).filter((code) => code !== '503 overloaded');
      const x = `${String(factor)} ×`;
      return [
        row(
          `${x}: accepted, of the peak`,
          `${perSecond.toFixed(0)}/s, ${(100 * share).toFixed(0)} %`,
          `≥ ${String(100 * shareMin)} %`,
          share >= shareMin,
        ),
        row(`${x}: p99 of the accepted`, `${p99.toFixed(0)} ms`, `≤ ${String(p99MsMax)} ms`, p99 <= p99MsMax),
        row(
          `${x}: refused, in all rounds`,
          refusalsText(refusals, unanswered),
          'all 503 overloaded',
          others.length === 0 && unanswered === 0,
        ),
        row(
          `${x}: a key of the account is revoked everywhere`,
          Number.isFinite(revokedMs) ? `${revokedMs.toFixed(0)} ms` : 'refused',
          `< ${String(revokedWithinMs)} ms`,
          revokedMs < revokedWithinMs,
        ),
        row(`${x}: calls of a neighbour accepted`, `${(100 * neighbours).toFixed(1)} %`, '100 %', neighbours === 1),
      ];
    });
    return [
      { what: `${name}, closed loop`, figure: `${of(({ capacity }) => capacity).toFixed(0)}/s`, goal: '', met: null },
      ...perFactor,
    ];
  });
}

function refusalsText(refusals: Readonly<Record<string, number>>, unanswered: number): string {
  const texts = Object.entries(refusals).map(([code, count]) => `${String(count)} ${code}`);
  if (unanswered > 0) texts.push(`${String(unanswered)} unanswered`);
  return texts.length === 0 ? 'none' : texts.join(', ');
}

function accepted({ statuses }: OpenLoopResult): number {
  return statuses['202'] ?? 0;
}

function added(records: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const total: Record<string, number> = {};
  for (const record of records)
    for (const [name, count] of Object.entries(record)) total[name] = (total[name] ?? 0) + count;
  return total;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
