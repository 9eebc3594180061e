import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from '@jest/globals';
import { dice } from '@ringfence/testing/dice';
import { type Customer, issueKey, openAccount, placeCall, type Told, until, wanted } from './customers.js';
import { type LyingEvent, ofType, readLog, withDatabase } from './log-in-hand.js';
import { PlatformProcess } from './platform-process.js';
import { projectionRows } from './projection-rows.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const clients = 24;
const customersInAll = 3;
/** Every way a call can end, and one that talks until its time is over. */
const numbers = [
  '+15005550000',
  '+15005550003',
  '+15005550002',
  '+15005550004',
  '+15005550005',
  '+15005552030',
  '+15005550042',
];
const sandboxSpeed = '20';

type Wish = {
  readonly customer: Customer;
  readonly to: string;
  readonly idempotencyKey: string;
  readonly told: Told;
  /** The status that came before the kill; 0: none did. */ readonly firstTold: number;
};

/** Kills the platform under load again and again, and looks after every start whether anything is lost, doubled or leaking. */
export async function killAgainAndAgain(kills: number, seed: number): Promise<void> {
  const random = dice(seed);
  let platform = await PlatformProcess.start({ env: { RINGFENCE_SANDBOX_SPEED: sandboxSpeed } });
  try {
    const customers: Customer[] = [];
    for (let at = 0; at < customersInAll; at += 1) {
      const account = await openAccount(platform, `Crash ${String(at)}`);
      customers.push(
        await issueKey(platform, account, { calls_per_second: 10_000, burst_calls: 10_000, lines_max: 10_000 }),
      );
    }
    const wishes: Wish[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      const killAfterMs = 200 + Math.floor(random() * 1_800);
      const round = await loadUntilKilled(platform, customers, killAfterMs, `${String(seed)}-${String(kill)}`);
      platform = await platform.startAgain();
      wishes.push(...(await retriesGiveTheFirstOutcome(platform, round)));
    }
    await allCallsEnd(platform);
    const events = await readLog(platform.dataDir);
    theKillsHurt(events, wishes);
    everyWishOnce(events, wishes);
    nothingTwice(events);
    nothingDialledTwice(events);
    moneyBalances(events);
    await projectionsEqualARebuild(platform);
    await replayFindsNothing(platform);
    await booksBalance(platform);
    for (const customer of customers) await noLineLeaked(platform, customer);
  } finally {
    await platform.discard();
  }
}

async function loadUntilKilled(
  platform: PlatformProcess,
  customers: readonly Customer[],
  killAfterMs: number,
  round: string,
): Promise<readonly Wish[]> {
  const wishes: Wish[] = [];
  let killed = false;
  const load = Array.from({ length: clients }, async (_, client) => {
    for (let turn = 0; !killed; turn += 1) {
      const customer = customers[(client + turn) % customers.length];
      if (customer === undefined) return;
      const to = numbers[(client * 7 + turn) % numbers.length] ?? '';
      const idempotencyKey = `crash-${round}-${String(client)}-${String(turn)}`;
      const told = await placeCall(platform, customer.secret, to, idempotencyKey);
      wishes.push({ customer, to, idempotencyKey, told, firstTold: told.status });
      if (told.status === 0) return;
    }
  });
  await new Promise((resolve) => setTimeout(resolve, killAfterMs));
  await platform.kill9();
  killed = true;
  await Promise.all(load);
  expect(wishes.filter(({ told }) => told.status === 202).length).toBeGreaterThan(0);
  return wishes;
}

/** Whoever was told "placed" is told the same call; whoever was told nothing gets the outcome there was, or one now. */
async function retriesGiveTheFirstOutcome(
  platform: PlatformProcess,
  wishes: readonly Wish[],
): Promise<readonly Wish[]> {
  return Promise.all(
    wishes.map(async (wish) => {
      const { idempotencyKey, customer, to, told } = wish;
      const again = await patiently(() => placeCall(platform, customer.secret, to, idempotencyKey));
      const { status, code } = again;
      expect({ idempotencyKey, status, code }).toEqual({ idempotencyKey, status: 202, code: '' });
      if (told.status === 202) expect(again.callId).toBe(told.callId);
      return { ...wish, told: again };
    }),
  );
}

const patienceMs = 20_000;
/** As a client should: 503 says that nothing was decided and that it may ask again. */
async function patiently(ask: () => Promise<Told>): Promise<Told> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const told = await ask();
    if (told.status !== 503 || performance.now() > deadline) return told;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function allCallsEnd(platform: PlatformProcess): Promise<void> {
  await until('every call has come to its end', 120_000, async () => {
    const events = await readLog(platform.dataDir);
    return (
      ofType(events, 'call.placed').length ===
      ofType(events, 'call.completed').length + ofType(events, 'call.failed').length
    );
  });
}

/** A crash that nobody was in the middle of shows nothing. */
function theKillsHurt(events: readonly LyingEvent[], wishes: readonly Wish[]): void {
  expect(wishes.filter(({ firstTold }) => firstTold === 0).length).toBeGreaterThan(0);
  const causes = ofType(events, 'call.failed')
    .concat(ofType(events, 'call.completed'))
    .map(({ data }) => data['cause']);
  expect(causes.filter((cause) => cause === 'carrier_unknown').length).toBeGreaterThan(0);
}

function everyWishOnce(events: readonly LyingEvent[], wishes: readonly Wish[]): void {
  const placed = new Map<unknown, number>();
  for (const { data } of ofType(events, 'call.placed'))
    placed.set(data['callId'], (placed.get(data['callId']) ?? 0) + 1);
  const wrong = wishes.filter(({ told }) => told.status === 202 && placed.get(told.callId) !== 1);
  expect(wrong.map(({ idempotencyKey }) => idempotencyKey)).toEqual([]);
  const commands = ofType(events, 'call.placed').map(({ stream, json }) => `${stream} ${String(json['commandid'])}`);
  expect(new Set(commands).size).toBe(commands.length);
  // Each wish is one call: not one more was placed than was asked for.
  expect(commands.length).toBe(new Set(wishes.map(({ idempotencyKey }) => idempotencyKey)).size);
}

function nothingTwice(events: readonly LyingEvent[]): void {
  const ids = events.map(({ json }) => json['id']);
  expect(new Set(ids).size).toBe(ids.length);
  for (const name of ['call.placed', 'call.ringing', 'call.answered'])
    expect({ name, twice: twice(ofType(events, name)) }).toEqual({ name, twice: [] });
  expect(twice([...ofType(events, 'call.completed'), ...ofType(events, 'call.failed')])).toEqual([]);
}

/** One attempt for each call, in everything that is known of it. */
function nothingDialledTwice(events: readonly LyingEvent[]): void {
  const attempts = new Map<unknown, Set<unknown>>();
  for (const { data } of events.filter(({ data }) => data['attemptId'] !== undefined)) {
    const known = attempts.get(data['callId']) ?? new Set();
    attempts.set(data['callId'], known.add(data['attemptId']));
  }
  expect([...attempts].filter(([, known]) => known.size !== 1)).toEqual([]);
}

function twice(events: readonly LyingEvent[]): readonly unknown[] {
  const seen = new Set<unknown>();
  return events.map(({ data }) => data['callId']).filter((callId) => seen.size === seen.add(callId).size);
}

/** Told here in its own way: what every call reserved is charged or released, in full. */
function moneyBalances(events: readonly LyingEvent[]): void {
  const reserved = new Map<unknown, bigint>();
  const sum = (callId: unknown, amount: bigint) => reserved.set(callId, (reserved.get(callId) ?? 0n) + amount);
  const amount = (value: unknown) => BigInt(typeof value === 'string' ? value : '0');
  for (const { data } of ofType(events, 'call.placed')) sum(data['callId'], amount(data['reservedMicros']));
  for (const { data } of ofType(events, 'call.extended')) sum(data['callId'], amount(data['addedMicros']));
  for (const { data } of [...ofType(events, 'call.completed'), ...ofType(events, 'call.failed')])
    sum(data['callId'], -amount(data['chargedMicros']) - amount(data['releasedMicros']));
  expect([...reserved].filter(([, left]) => left !== 0n)).toEqual([]);
}

async function projectionsEqualARebuild(platform: PlatformProcess): Promise<void> {
  await until('the projections stand still', 30_000, async () => {
    const before = JSON.stringify(await withDatabase(platform.dataDir, projectionRows));
    await new Promise((resolve) => setTimeout(resolve, 500));
    return before === JSON.stringify(await withDatabase(platform.dataDir, projectionRows));
  });
  const live = await withDatabase(platform.dataDir, projectionRows);
  expect(Object.keys(live).length).toBeGreaterThan(4);
  await cli(platform, ['projections', 'rebuild', '--all']);
  expect(await withDatabase(platform.dataDir, projectionRows)).toEqual(live);
}

async function replayFindsNothing(platform: PlatformProcess): Promise<void> {
  const { stdout } = await cli(platform, ['replay', '--verify-only', '--json']);
  const { report } = JSON.parse(stdout.trim()) as { report: { whole: boolean; test: { reserved_micros: string } } };
  expect(report).toMatchObject({ whole: true, test: { reserved_micros: '0' } });
}

async function booksBalance(platform: PlatformProcess): Promise<void> {
  const balance = await wanted(platform, 'GET', '/api/v1/ledger/trial-balance');
  expect(balance).toMatchObject({ balanced: true, debit_micros: balance['credit_micros'] });
}

/** With two lines and no call alive, two calls are let in and the third is not. */
async function noLineLeaked(platform: PlatformProcess, { keyId, secret }: Customer): Promise<void> {
  await wanted(platform, 'PATCH', `/api/v1/keys/${keyId}/policy`, { lines_max: 2 });
  const told: Told[] = [];
  for (let at = 0; at < 3; at += 1) told.push(await placeCall(platform, secret, '+15005550006'));
  expect(told.map(({ status, code }) => `${String(status)} ${code}`)).toEqual(['202 ', '202 ', '429 lines_exhausted']);
}

function cli(platform: PlatformProcess, args: readonly string[]): Promise<{ readonly stdout: string }> {
  const environment = { ...process.env, RINGFENCE_DATA_DIR: platform.dataDir, DATABASE_URL: '', KAFKA_BROKERS: '' };
  return promisify(execFile)(process.execPath, [join(root, 'apps/cli/dist/main.js'), ...args], {
    env: environment,
    maxBuffer: 1 << 26,
  });
}
