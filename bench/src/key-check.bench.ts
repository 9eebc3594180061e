import { KeyRing } from '@ringfence/runtime/key-ring';
import type { Authentication } from '@ringfence/auth/authentication';
import type { KeyEntry } from '@ringfence/auth/key-entry';
import { KeyRegistry } from '@ringfence/auth/key-registry';
import { mintSecret } from '@ringfence/auth/key-secret';
import { SecretHasher } from '@ringfence/auth/secret-hasher';
import { PredictableIds } from '@ringfence/testing/predictable-ids';
import { epochMs, position } from '@ringfence/kernel/units';
import { examplePolicy } from '@ringfence/testing/examples';
import { randomBytes, randomInt } from 'node:crypto';
import { type Bench, type BenchRow, median, percentile, rounds } from './bench.js';

const keys = 100_000;
const checksPerRound = 100_000;
const goalMs = 0.2;
const nowMs = epochMs(1_790_000_000_000);

/** A presented key, and the expected answer of the registry. */
type Case = { readonly what: string; readonly expected: string; readonly presented: () => string };

export const keyCheckBench: Bench = {
  name: 'key-check',
  title: `Key check in the gateway, ${keys.toLocaleString('en')} keys in memory`,
  run: async (progress) => {
    const { registry, secrets } = fill(progress);
    const pick = (list: readonly string[]): string => list[randomInt(list.length)] ?? '';
    const strangers = Array.from({ length: 1_000 }, () => mintSecret('test').text);
    const cases: readonly Case[] = [
      { what: 'a key that is known', expected: 'ok', presented: () => pick(secrets.open) },
      { what: 'a key with 8 source ranges', expected: 'ok', presented: () => pick(secrets.ranged) },
      { what: 'a revoked key', expected: 'revoked', presented: () => pick(secrets.revoked) },
      { what: 'a well-formed key that nobody has', expected: 'unknown', presented: () => pick(strangers) },
      { what: 'a key with a typo', expected: 'malformed', presented: () => pick(secrets.open).replace(/.$/, '_') },
    ];
    const details: Record<string, readonly Figures[]> = {};
    const rows: BenchRow[] = [];
    for (const each of cases) {
      const figures: Figures[] = [];
      for (let round = 0; round <= rounds; round += 1) {
        const figure = await measure(registry, each);
        // The first round is the warm-up.
        if (round > 0) figures.push(figure);
      }
      details[each.what] = figures;
      rows.push(rowOf(each.what, figures));
      progress(`${each.what}: p99 ${inMicroseconds(median(figures.map(({ p99Ms }) => p99Ms)))}`);
    }
    return { rows, details: { keys, checksPerRound, rounds: details } };
  },
};

type Figures = { readonly p50Ms: number; readonly p99Ms: number; readonly p999Ms: number };

/** @throws Error if the registry's answer is wrong: the speed of wrong answers is no result */
async function measure(registry: KeyRegistry, { expected, presented, what }: Case): Promise<Figures> {
  const inputs = Array.from({ length: checksPerRound }, presented);
  const tookMs: number[] = [];
  const request = { nowMs, sourceIp: '192.0.2.200' };
  for (const input of inputs) {
    const began = performance.now();
    const answer = await registry.authenticate(input, request);
    tookMs.push(performance.now() - began);
    if (codeOf(answer) !== expected) throw new Error(`${what} was answered with ${codeOf(answer)}`);
  }
  return { p50Ms: percentile(tookMs, 50), p99Ms: percentile(tookMs, 99), p999Ms: percentile(tookMs, 99.9) };
}

function codeOf(answer: Authentication): string {
  return answer.ok ? 'ok' : answer.code;
}

function rowOf(what: string, figures: readonly Figures[]): BenchRow {
  const middle = (pick: (each: Figures) => number): number => median(figures.map(pick));
  const p99Ms = middle((each) => each.p99Ms);
  const parts = [
    `p50 ${inMicroseconds(middle((each) => each.p50Ms))}`,
    `p99 ${inMicroseconds(p99Ms)}`,
    `p99.9 ${inMicroseconds(middle((each) => each.p999Ms))}`,
  ];
  return { what, figure: parts.join(', '), goal: `p99 < ${inMicroseconds(goalMs)}`, met: p99Ms < goalMs };
}

function inMicroseconds(ms: number): string {
  return `${(ms * 1_000).toFixed(0)} µs`;
}

type Secrets = { readonly open: string[]; readonly ranged: string[]; readonly revoked: string[] };

/**
 * Fills a registry: a tenth of the keys have 8 source ranges, a tenth are revoked. The log is always at its end, so
 * that nothing waits.
 */
function fill(progress: (line: string) => void): { readonly registry: KeyRegistry; readonly secrets: Secrets } {
  const hasher = new SecretHasher(KeyRing.parse(`bench:${randomBytes(32).toString('base64')}`, 'the pepper'));
  const registry = new KeyRegistry(hasher, () => Promise.resolve(position(keys)));
  const ids = new PredictableIds();
  const secrets: Secrets = { open: [], ranged: [], revoked: [] };
  const sourceCidrs = Array.from({ length: 8 }, (_, at) => (at < 7 ? `198.51.${at}.0/24` : '192.0.2.0/24'));
  const entries = Array.from({ length: keys }, (_, at): KeyEntry => {
    const secret = mintSecret('test');
    const kind = at % 10 === 0 ? 'ranged' : at % 10 === 1 ? 'revoked' : 'open';
    secrets[kind].push(secret.text);
    return {
      keyId: ids.keyId(),
      accountId: ids.accountId(),
      mode: 'test',
      parentKeyId: null,
      keyVersion: 1,
      policy: { ...examplePolicy, sourceCidrs: kind === 'ranged' ? sourceCidrs : null },
      policyHash: '0'.repeat(64),
      credential: { kind: 'secret', digest: hasher.digestOf(secret), previous: null },
      state: kind === 'revoked' ? { status: 'revoked', revokedAtMs: nowMs } : { status: 'active' },
    };
  });
  const began = performance.now();
  registry.loadFrom(entries, position(keys));
  registry.apply([], nowMs);
  progress(`${registry.keyCount} keys loaded in ${(performance.now() - began).toFixed(0)} ms`);
  return { registry, secrets };
}
