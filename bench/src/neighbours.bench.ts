import { PlatformProcess } from '@ringfence/e2e/platform-process';
import { type Bench, median, rounds } from './bench.js';
import { allAccepted } from './http/all-accepted.js';
import { load } from './http/load.js';
import { openLoopLoad } from './http/open-loop-load.js';
import { initiatePath, issueWideKey, residentMiB, ringsForEver } from './http/platform.js';
import { connections, pipelined, unreadLists } from './http/unread-lists.js';

const capacitySeconds = 5;
const quietSeconds = 10;
const floodSeconds = 20;
const neighbourPerSecond = 50;

const unreadSeconds = 10;
const memoryAddedMiBMax = 128;

type Round = {
  readonly capacity: number;
  readonly quietP99Ms: number;
  readonly floodP99Ms: number;
  /** The p99 while lists are requested and never read. */
  readonly unreadP99Ms: number;
  readonly unreadMiB: number;
};

/**
 * One key floods at half the server's capacity, and then requests lists that it does not read; another account
 * continues to call at its own pace.
 */
export const neighboursBench: Bench = {
  name: 'neighbours',
  title: `A neighbour's p99 at ${String(neighbourPerSecond)} calls/s while another account's key floods for ${String(floodSeconds)} s at half the capacity`,
  run: async (progress) => {
    const measured: Round[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const found = await oneRound();
      measured.push(found);
      progress(
        `round ${String(round)}: capacity ${String(Math.round(found.capacity))}/s, p99 quiet ${String(found.quietP99Ms)} ms, in the flood ${String(found.floodP99Ms)} ms, beside unread lists ${String(found.unreadP99Ms)} ms and ${String(found.unreadMiB)} MiB more`,
      );
    }
    const added = median(measured.map(({ quietP99Ms, floodP99Ms }) => floodP99Ms - quietP99Ms));
    const addedByUnread = median(measured.map(({ quietP99Ms, unreadP99Ms }) => unreadP99Ms - quietP99Ms));
    const unreadMiB = median(measured.map((round) => round.unreadMiB));
    return {
      rows: [
        {
          what: 'p99 quiet',
          figure: `${String(median(measured.map(({ quietP99Ms }) => quietP99Ms)))} ms`,
          goal: '',
          met: null,
        },
        {
          what: 'p99 in the flood',
          figure: `${String(median(measured.map(({ floodP99Ms }) => floodP99Ms)))} ms`,
          goal: '',
          met: null,
        },
        { what: 'added by the flood', figure: `${added.toFixed(1)} ms`, goal: '≤ 20 ms', met: added <= 20 },
        {
          what: `added by unread lists, ${String(connections)} connections × ${String(pipelined)} requests`,
          figure: `${addedByUnread.toFixed(1)} ms`,
          goal: '≤ 20 ms',
          met: addedByUnread <= 20,
        },
        {
          what: 'memory added by unread lists',
          figure: `${String(unreadMiB)} MiB`,
          goal: `≤ ${String(memoryAddedMiBMax)} MiB`,
          met: unreadMiB <= memoryAddedMiBMax,
        },
      ],
      details: measured,
    };
  },
};

async function oneRound(): Promise<Round> {
  const platform = await PlatformProcess.start({ env: { RINGFENCE_LOG_LEVEL: 'warn' } });
  try {
    const url = `${platform.url}${initiatePath}`;
    const wide = await issueWideKey(platform);
    const { perSecond: capacity } = await load({
      url,
      key: wide.key,
      body: ringsForEver,
      connections: 64,
      seconds: capacitySeconds,
    });
    const flooding = await issueWideKey(platform, { calls_per_second: 10, burst_calls: 10 });
    const neighbour = await issueWideKey(platform, { account_id: await secondAccount(platform) });
    const calm = { url, key: neighbour.key, body: ringsForEver, connections: 8, perSecond: neighbourPerSecond };
    const quiet = await openLoopLoad({ ...calm, seconds: quietSeconds });
    const [flooded] = await Promise.all([
      openLoopLoad({ ...calm, seconds: floodSeconds }),
      openLoopLoad({
        url,
        key: flooding.key,
        body: ringsForEver,
        connections: 64,
        seconds: floodSeconds,
        perSecond: Math.round(capacity / 2),
      }),
    ]);
    allAccepted('the neighbour, quiet', quiet, neighbourPerSecond * quietSeconds);
    allAccepted('the neighbour, in the flood', flooded, neighbourPerSecond * floodSeconds);
    const before = await residentMiB(platform.pid);
    const reader = await issueWideKey(platform, { scopes: ['calls:read', 'audit:read'] });
    const [beside, unreadMiB] = await Promise.all([
      openLoopLoad({ ...calm, seconds: unreadSeconds }),
      unreadLists({ url: platform.url, key: reader.key, seconds: unreadSeconds }, () => residentMiB(platform.pid)),
    ]);
    allAccepted('the neighbour, beside unread lists', beside, neighbourPerSecond * unreadSeconds);
    return {
      capacity,
      quietP99Ms: quiet.p99Ms,
      floodP99Ms: flooded.p99Ms,
      unreadP99Ms: beside.p99Ms,
      unreadMiB: Math.round(unreadMiB - before),
    };
  } finally {
    await platform.discard();
  }
}

async function secondAccount(platform: PlatformProcess): Promise<string> {
  const { adminKey } = platform.keys;
  const opened = await platform.ask(adminKey, 'POST', '/api/v1/accounts', {
    name: 'Neighbour',
    currency: 'USD',
    region: 'eu',
    time_zone: 'Europe/Berlin',
  });
  const { id } = opened.json as { readonly id?: string };
  if (id === undefined) throw new Error(`no account: ${JSON.stringify(opened.json)}`);
  await platform.ask(adminKey, 'POST', `/api/v1/accounts/${id}/verify`, {});
  const credit = { mode: 'test', amount_micros: '1000000000000' };
  const credited = await platform.ask(adminKey, 'POST', `/api/v1/accounts/${id}/credit`, credit);
  if (credited.status >= 300) throw new Error(`no credit: ${JSON.stringify(credited.json)}`);
  return id;
}
