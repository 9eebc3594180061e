import { PlatformProcess } from '@ringfence/e2e/platform-process';
import { type Bench, type BenchRow, median, rounds } from './bench.js';
import { type Build, builds } from './beside.js';
import { load, type LoadResult } from './http/load.js';
import { drained, initiatePath, issueWideKey, ringsForEver } from './http/platform.js';
import { checkUsage, onlyAccepted } from './http/usage-check.js';

const connections = 256;
const warmSeconds = 5;
const seconds = 10;
const drainMsMax = 60_000;
const spreadMax = 4;

type Round = LoadResult & { readonly build: Build['build'] };

/** Acceptance of calls over many connections: how much longer than the others the slowest of a hundred wait. */
export const manyConnectionsBench: Bench = {
  name: 'many-connections',
  title: `Acceptance of ring-for-ever calls over HTTP, ${String(connections)} connections with one key`,
  run: async (progress) => {
    const measured: Round[] = [];
    for (let round = 1; round <= rounds; round += 1)
      for (const build of builds) {
        const found = await oneRound(build);
        measured.push({ ...found, build: build.build });
        progress(
          `round ${String(round)}, ${build.build}: ${String(Math.round(found.perSecond))}/s, p50 ${String(found.p50Ms)} ms, p99 ${String(found.p99Ms)} ms`,
        );
      }
    return { rows: rowsOf(measured), details: measured };
  },
};

async function oneRound({ main }: Build): Promise<LoadResult> {
  const server = main === undefined ? {} : { main };
  const platform = await PlatformProcess.start({ env: { RINGFENCE_LOG_LEVEL: 'warn' }, ...server });
  try {
    const { key, keyId } = await issueWideKey(platform);
    const target = { url: `${platform.url}${initiatePath}`, key, body: ringsForEver, connections };
    // While its code is cold, a slow machine may refuse some.
    const warm = await load({ ...target, seconds: warmSeconds });
    const result = onlyAccepted(await load({ ...target, seconds }), 'platform');
    await drained(platform, drainMsMax);
    await checkUsage(platform, keyId, [warm, result], 2 * connections);
    return result;
  } finally {
    await platform.discard();
  }
}

function rowsOf(measured: readonly Round[]): readonly BenchRow[] {
  const of = (build: Build['build'], pick: (round: Round) => number) =>
    median(measured.filter((round) => round.build === build).map(pick));
  const spread = ({ p50Ms, p99Ms }: Round) => p99Ms / p50Ms;
  const rows = builds.flatMap(({ build }): readonly BenchRow[] => {
    const which = build === 'this' ? '' : ' (the build beside)';
    const ratio = of(build, spread);
    const goal =
      build === 'this' ? { goal: `≤ ${String(spreadMax)} ×`, met: ratio <= spreadMax } : { goal: '', met: null };
    return [
      {
        what: `calls accepted${which}`,
        figure: `${String(Math.round(of(build, (round) => round.perSecond)))}/s`,
        goal: '',
        met: null,
      },
      {
        what: `p50 and p99${which}`,
        figure: `${String(of(build, (round) => round.p50Ms))} and ${String(of(build, (round) => round.p99Ms))} ms`,
        goal: '',
        met: null,
      },
      { what: `p99 of the median${which}`, figure: `${ratio.toFixed(1)} ×`, ...goal },
    ];
  });
  if (builds.length === 1) return rows;
  const factor = of('this', (round) => round.perSecond) / of('beside', (round) => round.perSecond);
  return [
    ...rows,
    { what: 'calls accepted, of the build beside', figure: `${factor.toFixed(2)} ×`, goal: '≥ 1 ×', met: factor >= 1 },
  ];
}
