import { afterEach, describe, expect, it } from '@jest/globals';
import { callInBucket, fullBucket, levelAt, take } from '@ringfence/testing/checkers/reference-bucket';
import {
  type Customer,
  issueKey,
  openAccount,
  patienceMs,
  placeCall,
  type CallAnswer,
  together,
  until,
} from './test-accounts.js';
import { decidedAt, type StoredEvent, ofType, readLog } from './log-reader.js';
import { PlatformProcess } from './platform-process.js';

const callsPerSecond = 10;
const requests = 1_000;
const clients = 64;
/** Rings until it is hung up: nothing else happens to these calls. */
const ringsForEver = '+15005550006';

let platform: PlatformProcess | undefined;
afterEach(async () => {
  await platform?.discard();
  platform = undefined;
});

/** Fires so many requests within a second, from 64 clients, whatever is answered. */
async function flood(server: PlatformProcess, { secret }: Customer, count: number): Promise<readonly CallAnswer[]> {
  const answers: CallAnswer[] = [];
  let sent = 0;
  await together(clients, async () => {
    sent += 1;
    if (sent > count) return false;
    answers.push(await placeCall(server, secret, ringsForEver));
    return true;
  });
  return answers;
}

/**
 * Holds the log against the reference: what was taken could be taken, what was refused could not.
 * @returns calls accepted
 */
function judged(events: readonly StoredEvent[], { keyId }: Customer, burst: number): number {
  let bucket = fullBucket(callsPerSecond, burst);
  let accepted = 0;
  for (const event of events) {
    if (event.type.startsWith('ringfence.call.placed.') && event.json['issuedbyid'] === keyId) {
      accepted += 1;
      const { taken, bucket: left } = take(bucket, decidedAt(event));
      bucket = left;
      expect({ position: event.position, conforms: taken }).toEqual({ position: event.position, conforms: true });
    } else if (event.type.startsWith('ringfence.call.refused.') && event.json['presentedkeyid'] === keyId) {
      expect(event.data['code']).toBe('rate_limited');
      expect(levelAt(bucket, decidedAt(event))).toBeLessThan(callInBucket);
    }
  }
  return accepted;
}

/**
 * Stored refusals of one key: at most one in full and one count for each second.
 * @returns refusals that the log knows of
 */
function refusalsStored(events: readonly StoredEvent[], { keyId }: Customer): number {
  const own = (name: string) => ofType(events, name).filter(({ json }) => json['presentedkeyid'] === keyId);
  const full = own('call.refused').map(({ data }) => Math.floor(Number(data['refusedAtMs']) / 1_000));
  const counted = own('call.refusals_counted').map(({ data }) => Number(data['secondStartMs']) / 1_000);
  expect(full).toEqual([...new Set(full)]);
  expect(counted).toEqual([...new Set(counted)]);
  return full.length + own('call.refusals_counted').reduce((sum, { data }) => sum + Number(data['count']), 0);
}

describe('the rate limit of a key', () => {
  it('accepts exactly what it allows when 64 clients fire 1,000 requests in a second, and stores at most two refusals a second', async () => {
    const burst = 20;
    platform = await PlatformProcess.start();
    const server = platform;
    const account = await openAccount(server, 'Exactness');
    const customer = await issueKey(server, account, {
      calls_per_second: callsPerSecond,
      burst_calls: burst,
      lines_max: requests,
    });
    const answers = await flood(server, customer, requests);

    const by = (status: number) => answers.filter((one) => one.status === status).length;
    expect(by(202) + by(429)).toBe(requests);
    await until(
      'the last second of refusals is counted',
      patienceMs,
      async () => refusalsStored(await readLog(server.dataDir), customer) === by(429),
    );
    const events = await readLog(server.dataDir);
    expect(judged(events, customer, burst)).toBe(by(202));
    allNotSpilt(by(202), events, customer, burst);
  });

  it('remembers across a restart in the middle of the flood what was used before it', async () => {
    const burst = 300;
    platform = await PlatformProcess.start();
    const account = await openAccount(platform, 'Exactness');
    const customer = await issueKey(platform, account, {
      calls_per_second: callsPerSecond,
      burst_calls: burst,
      lines_max: requests,
    });
    const before = await flood(platform, customer, requests / 2);
    await platform.kill9();
    platform = await platform.startAgain();
    const after = await flood(platform, customer, requests / 2);

    const accepted = [...before, ...after].filter(({ status }) => status === 202).length;
    const events = await readLog(platform.dataDir);
    // With one bucket from before the restart to the end.
    expect(judged(events, customer, burst)).toBe(accepted);
    allNotSpilt(accepted, events, customer, burst);
  });
});

/**
 * Checks that as many are accepted as by the reference, which accepts them as soon as it can; on a slow machine, whose
 * clients come one by one, less what a full bucket lost meanwhile.
 */
function allNotSpilt(accepted: number, events: readonly StoredEvent[], customer: Customer, burst: number): void {
  const most = allowed(events, customer, burst);
  const spilt = Math.ceil(spiltBy(events, customer, burst) / callInBucket);
  expect([most - spilt <= accepted, accepted <= most, { accepted, most, spilt }]).toEqual([
    true,
    true,
    expect.anything(),
  ]);
}

/** Thousandths of calls that a full bucket had no room for before somebody took one out. */
function spiltBy(events: readonly StoredEvent[], { keyId }: Customer, burst: number): number {
  let bucket = fullBucket(callsPerSecond, burst);
  let spilt = 0;
  for (const event of events) {
    if (!/call\.placed\./.test(event.type) || event.json['issuedbyid'] !== keyId) continue;
    const at = decidedAt(event);
    const unheld = bucket.level + (at - (bucket.atMs ?? at)) * callsPerSecond;
    spilt += Math.max(0, unheld - burst * callInBucket);
    bucket = take(bucket, at).bucket;
  }
  return spilt;
}

/**
 * Returns what the reference accepts at the recorded decision times, with unlimited demand at each of them: the times
 * of the accepted calls, and of the refusals recorded in full.
 */
function allowed(events: readonly StoredEvent[], { keyId }: Customer, burst: number): number {
  let bucket = fullBucket(callsPerSecond, burst);
  const isPlaced = ({ type, json }: StoredEvent) => /call\.placed\./.test(type) && json['issuedbyid'] === keyId;
  const isRefused = ({ type, json }: StoredEvent) => /call\.refused\./.test(type) && json['presentedkeyid'] === keyId;
  const decided = events.filter((event) => isPlaced(event) || isRefused(event));
  const asked = decided.filter(isPlaced).length;
  const lastRefused = decided.findLastIndex(isRefused);
  let count = 0;
  for (const [at, event] of decided.entries()) {
    // Behind the last refusal nobody may be left to take what the bucket would give.
    const isWanted = () => at <= lastRefused || count < asked;
    for (let next = take(bucket, decidedAt(event)); next.taken && isWanted(); next = take(bucket, decidedAt(event))) {
      bucket = next.bucket;
      count += 1;
    }
  }
  return count;
}
