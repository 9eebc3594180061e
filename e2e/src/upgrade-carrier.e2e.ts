import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ofType, readLog } from './log-reader.js';
import type { PlatformProcess } from './platform-process.js';
import { health, TwoReleases, pollUntil } from './two-releases.js';

const call = { from_number: '+15005550100', to_number: '+15005550000' };
/** Pattern of the carrier's log line for each attempt as it dials it, at the level of debug. */
const dial = /"event":"attempt_dialled"[^\n]*"attemptId":"([^"]+)"/g;

/** Tries after a carrier is gone, whose live calls end with their lease. */
const endTries = 600;

let cluster: TwoReleases;
beforeAll(async () => {
  cluster = await TwoReleases.prepare('call.placed', { RINGFENCE_SANDBOX_SPEED: '20', RINGFENCE_LOG_LEVEL: 'debug' });
});
afterAll(() => cluster.discard());

/**
 * Places a call as a careful client does: retries with the same Idempotency-Key while it is asked to.
 * @returns the call's id
 */
async function placed(gateway: PlatformProcess): Promise<string> {
  const headers = { 'idempotency-key': randomUUID() };
  const answer = await pollUntil(
    () => gateway.ask(gateway.keys.sandboxKey, 'POST', '/api/v1/voice/calls/initiate', call, headers),
    ({ status }) => status === 202,
  );
  return (answer.json as { readonly id: string }).id;
}

const dialledBy = ({ stderr }: PlatformProcess) => [...stderr.matchAll(dial)].map(([, attemptId = '']) => attemptId);

/** The attempts of these calls, as the log has them; and in which version it does. */
async function attemptsOf(calls: readonly string[]) {
  const all = ofType(await readLog(cluster.dataDir), 'call.placed').map(({ type, data }) => ({
    callId: String(data['callId']),
    attemptId: String(data['attemptId']),
    version: type.slice(-2),
  }));
  return calls.map((callId) => all.find((each) => each.callId === callId));
}

/** @returns their attempts, once this carrier has dialled all of them */
async function untilDialled(carrier: PlatformProcess, calls: readonly string[]): Promise<readonly string[]> {
  const attempts = (await attemptsOf(calls)).map((each) => each?.attemptId ?? '');
  await pollUntil(
    () => dialledBy(carrier),
    (dialled) => attempts.every((attemptId) => dialled.includes(attemptId)),
  );
  return attempts;
}

describe('an old carrier beside a new one', () => {
  it('leaves its part at a call that it cannot read, says so, and no call is dialled twice', async () => {
    // Every reader is new, except the carrier.
    await cluster.start('decider', 'decider', 'this');
    await cluster.start('projector', 'projector', 'next');
    const gateway = await cluster.start('gateway', 'gateway', 'next');
    const old = await cluster.start('carrier-1', 'carrier', 'this');
    const before = [await placed(gateway), await placed(gateway)];
    await untilDialled(old, before);
    const successor = await cluster.start('carrier-2', 'carrier', 'next');
    expect((await health(successor)).status).toBe(200);
    const beside = [await placed(gateway)];
    const first = await untilDialled(old, beside);

    await cluster.start('decider', 'decider', 'next');
    const unread = await placed(gateway);
    const red = await pollUntil(
      () => health(old),
      ({ status }) => status === 503,
    );
    expect(red.text).toMatch(/reactors[^\n]*carrier/);
    expect(old.stderr).toMatch(
      /"reactor":"carrier"[^\n]*event_version_unknown|event_version_unknown[^\n]*"reactor":"carrier"/,
    );
    await pollUntil(
      () => successor.stderr,
      (said) => /"event":"leader_elected"[^\n]*"duty":"carrier"/.test(said),
    );
    const after = [await placed(gateway), await placed(gateway)];
    const second = await untilDialled(successor, after);
    const versions = (await attemptsOf([...before, ...beside, unread, ...after])).map((each) => each?.version);
    const [current = '', next = ''] = [versions[0], versions.at(-1)];
    expect(versions).toEqual([current, current, current, next, next, next]);
    expect(Number(next.slice(1))).toBe(Number(current.slice(1)) + 1);

    // The new release in the old one's place has its turn when the other is gone, and goes on exactly there.
    const renewed = await cluster.start('carrier-1', 'carrier', 'next');
    await cluster.stop('carrier-2');
    const last = await untilDialled(renewed, [await placed(gateway)]);
    expect((await health(renewed)).status).toBe(200);

    const placedInAll = 7;
    const ended = await pollUntil(
      async () => {
        const log = await readLog(cluster.dataDir);
        return [...ofType(log, 'call.completed'), ...ofType(log, 'call.failed')].map(({ data }) => data['callId']);
      },
      ({ length }) => length >= placedInAll,
      endTries,
    );
    expect(new Set(ended).size).toBe(placedInAll);
    expect(ended).toHaveLength(placedInAll);
    const dialled = [old, successor, renewed].map(dialledBy);
    expect(dialled.flat().filter((attemptId, at, all) => all.indexOf(attemptId) !== at)).toEqual([]);
    expect(dialled[0]).toEqual(expect.arrayContaining([...first]));
    expect(dialled[0]).toHaveLength(3);
    expect(dialled[1]).toEqual(expect.arrayContaining([...second]));
    expect(dialled[2]).toEqual(last);
  }, 400_000);
});
