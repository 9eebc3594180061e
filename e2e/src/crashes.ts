import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from '@jest/globals';
import { dice } from '@ringfence/testing/dice';
import { type Answered, creditMicros, type Doing, loadUntilKilled, type SentCommand } from './crash-load.js';
import {
  type Customer,
  issueKey,
  openAccount,
  patienceMs,
  placeCall,
  type CallAnswer,
  unlimited,
  until,
  wanted,
} from './test-accounts.js';
import { type StoredEvent, ofType, readLog, withDatabase } from './log-reader.js';
import { PlatformProcess } from './platform-process.js';
import { projectionRows } from './projection-rows.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const customersInAll = 3;
const sandboxSpeed = '20';
/** Pattern of the carrier's log line for each dialled attempt, at the level debug. */
const dial = /"event":"attempt_dialled"[^\n]*"attemptId":"([^"]+)"/g;

/**
 * Kills the platform under load repeatedly, and checks after every start whether anything is lost, duplicated or
 * leaking.
 */
export async function killAgainAndAgain(kills: number, seed: number): Promise<void> {
  const random = dice(seed);
  let platform = await PlatformProcess.start({
    env: { RINGFENCE_SANDBOX_SPEED: sandboxSpeed, RINGFENCE_LOG_LEVEL: 'debug' },
  });
  try {
    const customers: Customer[] = [];
    for (let at = 0; at < customersInAll; at += 1) {
      const account = await openAccount(platform, `Crash ${String(at)}`);
      customers.push(await issueKey(platform, account, unlimited));
    }
    const sent: SentCommand[] = [];
    const dialled: string[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      const killAfterMs = 200 + Math.floor(random() * 1_800);
      const round = await loadUntilKilled(platform, customers, killAfterMs, `${String(seed)}-${String(kill)}`);
      dialled.push(...dialledBy(platform));
      platform = await platform.startAgain();
      sent.push(...(await retriesGiveTheFirstOutcome(platform, round)));
    }
    await allCallsEnd(platform);
    dialled.push(...dialledBy(platform));
    const events = await readLog(platform.dataDir);
    theKillsHurt(events, sent);
    everyCommandOnce(events, sent, customers);
    nothingTwice(events);
    nothingDialledTwice(events, dialled);
    moneyBalances(events);
    await projectionsEqualARebuild(platform);
    await replayFindsNothing(platform);
    await booksBalance(platform);
    for (const customer of customers) await noLineLeaked(platform, customer);
  } finally {
    await platform.discard();
  }
}

/**
 * Checks retries: a client that had an answer gets the same one; a client without one gets the kept outcome, or a
 * decision now.
 */
async function retriesGiveTheFirstOutcome(
  platform: PlatformProcess,
  sent: readonly SentCommand[],
): Promise<readonly SentCommand[]> {
  return Promise.all(
    sent.map(async (command) => {
      const { idempotencyKey, doing, answer } = command;
      const again = await patiently(() => command.ask(platform));
      if (answer.status === 0)
        expect({ idempotencyKey, doing, ...again, done: isDone(doing, again) }).toMatchObject({ done: true });
      else expect({ idempotencyKey, doing, ...again }).toEqual({ idempotencyKey, doing, ...answer });
      return { ...command, answer: again };
    }),
  );
}

/**
 * Says whether a command was carried out. A call may be over before it is hung up; no other command here can be
 * refused.
 */
function isDone(doing: Doing, { status, code }: Answered): boolean {
  return (status >= 200 && status <= 299) || (doing === 'hang_up' && code === 'call_not_live');
}

/** Retries as a client should: 503 means that nothing was decided and that it may retry. */
async function patiently(ask: () => Promise<Answered>): Promise<Answered> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer.status !== 503 || performance.now() > deadline) return answer;
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

/** Checks that kills interrupted every kind of command: otherwise they prove nothing. */
function theKillsHurt(events: readonly StoredEvent[], sent: readonly SentCommand[]): void {
  const interrupted = new Set(sent.filter(({ firstStatus }) => firstStatus === 0).map(({ doing }) => doing));
  expect([...interrupted].sort()).toEqual(['credit', 'hang_up', 'issue', 'place', 'revoke']);
  const causes = ofType(events, 'call.failed')
    .concat(ofType(events, 'call.completed'))
    .map(({ data }) => data['cause']);
  expect(causes.filter((cause) => cause === 'carrier_unknown').length).toBeGreaterThan(0);
}

/**
 * Checks that every request was carried out once, with the answer it got.
 * @param customers each already has credit and a key
 */
function everyCommandOnce(
  events: readonly StoredEvent[],
  sent: readonly SentCommand[],
  customers: readonly Customer[],
): void {
  const theirs = events.filter(({ stream }) => customers.some(({ accountId }) => stream === accountId));
  const accepted = (wanted: Doing) => sent.filter(({ doing, answer }) => doing === wanted && answer.status < 300);
  const ids = (name: string, field: string) => ofType(theirs, name).map(({ data }) => data[field]);
  const answeredIds = (doing: Doing) => accepted(doing).map(({ answer: { id } }) => id);
  const amounts = ofType(theirs, 'account.credit_added').map(({ data }) => data['amountMicros']);
  expect(ids('call.placed', 'callId').sort()).toEqual(answeredIds('place').sort());
  expect(ids('key.issued', 'keyId').sort()).toEqual(
    [...answeredIds('issue'), ...customers.map(({ keyId }) => keyId)].sort(),
  );
  expect(ids('key.revoked', 'keyId').sort()).toEqual(answeredIds('revoke').sort());
  expect(amounts.filter((amount) => amount === creditMicros).length).toBe(accepted('credit').length);
  expect(amounts.length).toBe(accepted('credit').length + customers.length);
  const hungUp = ofType(theirs, 'call.hang_up_requested').filter(({ data }) => data['reason'] === 'requested');
  expect(hungUp.length).toBe(accepted('hang_up').length);
}

function nothingTwice(events: readonly StoredEvent[]): void {
  const ids = events.map(({ json }) => json['id']);
  expect(new Set(ids).size).toBe(ids.length);
  for (const name of ['call.placed', 'call.ringing', 'call.answered', 'call.hang_up_requested'])
    expect({ name, twice: twice(ofType(events, name)) }).toEqual({ name, twice: [] });
  expect(twice([...ofType(events, 'call.completed'), ...ofType(events, 'call.failed')])).toEqual([]);
}

/**
 * Checks the carrier's own records over all its runs, not the log: a second dial of an attempt leaves no trace there,
 * because the lane has its progress already.
 */
function nothingDialledTwice(events: readonly StoredEvent[], dialled: readonly string[]): void {
  const placed = new Set(ofType(events, 'call.placed').map(({ data }) => data['attemptId']));
  expect(dialled.filter((attemptId) => !placed.has(attemptId))).toEqual([]);
  expect(dialled.filter((attemptId, at) => dialled.indexOf(attemptId) !== at)).toEqual([]);
  // Every call that ended by itself was dialled, so the carrier's records are complete.
  const dialledOnce = new Set(dialled);
  const rang = ofType(events, 'call.ringing').map(({ data }) => String(data['attemptId']));
  expect(rang.length).toBeGreaterThan(0);
  expect(rang.filter((attemptId) => !dialledOnce.has(attemptId))).toEqual([]);
}

function dialledBy({ stderr }: PlatformProcess): readonly string[] {
  return [...stderr.matchAll(dial)].map(([, attemptId = '']) => attemptId);
}

function twice(events: readonly StoredEvent[]): readonly unknown[] {
  const seen = new Set<unknown>();
  return events.map(({ data }) => data['callId']).filter((callId) => seen.size === seen.add(callId).size);
}

/** Checks, with its own calculation, that every reservation of a call is charged or released, in full. */
function moneyBalances(events: readonly StoredEvent[]): void {
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
  await until('the projections have stopped', patienceMs, async () => {
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

/** Checks that, with two lines and no live call, two calls are accepted and the third is not. */
async function noLineLeaked(platform: PlatformProcess, { keyId, secret }: Customer): Promise<void> {
  await wanted(platform, 'PATCH', `/api/v1/keys/${keyId}/policy`, { lines_max: 2 });
  const answers: CallAnswer[] = [];
  for (let at = 0; at < 3; at += 1) answers.push(await placeCall(platform, secret, '+15005550006'));
  expect(answers.map(({ status, code }) => `${String(status)} ${code}`)).toEqual([
    '202 ',
    '202 ',
    '429 lines_exhausted',
  ]);
}

function cli(platform: PlatformProcess, args: readonly string[]): Promise<{ readonly stdout: string }> {
  const environment = { ...process.env, RINGFENCE_DATA_DIR: platform.dataDir, DATABASE_URL: '', KAFKA_BROKERS: '' };
  return promisify(execFile)(process.execPath, [join(root, 'apps/cli/dist/main.js'), ...args], {
    env: environment,
    maxBuffer: 1 << 26,
  });
}
