import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clockStepsMs } from '@ringfence/testing/settable-clock';
import { type Customer, issueKey, openAccount, placeCall, until } from './test-accounts.js';
import { MachineClocks } from './machine-clocks.js';
import { PlatformProcess } from './platform-process.js';

const busy = '+15005550003';
const noticedWithinMs = 5_000;
/** Time to serve again: once the clock is right nothing is waited for but one answer of the database. */
const servedWithinMs = 5_000;

describe('a server whose machine’s clock is set', () => {
  let folder: string;
  let clocks: MachineClocks;
  let platform: PlatformProcess;
  let customer: Customer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ringfence-clocks-'));
    clocks = new MachineClocks(folder);
    platform = await PlatformProcess.start({ env: clocks.env });
    const accountId = await openAccount(platform, 'Clocks Inc');
    customer = await issueKey(platform, accountId, { calls_per_second: 1_000, burst_calls: 1_000, lines_max: 1_000 });
  });
  afterAll(async () => {
    await platform.discard();
    await rm(folder, { recursive: true, force: true });
  });

  const placed = () => placeCall(platform, customer.secret, busy);
  const ready = async () => {
    const answer = await fetch(`${platform.url}/health/ready`);
    return { status: answer.status, text: await answer.text() };
  };
  const metric = async (name: string) => {
    const text = await (await fetch(`${platform.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  };

  it.each(clockStepsMs)(
    'decides nothing while it is off by %i ms, says so, and goes on at once when it is right',
    async (byMs) => {
      expect(await placed()).toMatchObject({ status: 202 });
      await clocks.set(platform.pid, byMs);
      await until('commands are held', noticedWithinMs, async () => (await placed()).code === 'clock_stepped');
      expect(await placed()).toMatchObject({ status: 503, code: 'clock_stepped' });
      const health = await ready();
      expect(health.status).toBe(503);
      expect(health.text).toContain('was set, and it is not clear yet whether it is right');
      expect(Math.round(await metric('ringfence_clock_step_seconds'))).toBe(byMs / 1_000);
      await clocks.set(platform.pid, 0);
      await until('calls are placed', servedWithinMs, async () => (await placed()).status === 202);
      expect(await ready()).toMatchObject({ status: 200 });
      expect(await metric('ringfence_clock_step_seconds')).toBe(0);
      const revoked = await issueKey(platform, customer.accountId, {});
      const path = `/api/v1/keys/${revoked.keyId}/revoke`;
      expect(await platform.ask(platform.keys.adminKey, 'POST', path, {})).toMatchObject({ status: 200 });
    },
  );

  it('has noted every step, and decides after a restart', async () => {
    expect(await metric('ringfence_clock_steps_total')).toBe(clockStepsMs.length);
    await platform.stop();
    platform = await platform.startAgain();
    expect(await placed()).toMatchObject({ status: 202 });
  });

  it('is not started where its log is dated more than an hour ahead of its clock, and says what is to be done', async () => {
    await platform.stop();
    await clocks.setAtStart(-7_200_000);
    const refused = await platform.startAgain().then(
      () => 'it was started',
      (failure: unknown) => String(failure),
    );
    // A supervisor may start it again: the time service may set the clock right meanwhile.
    expect(refused).toContain('ended with 1 before it was ready');
    expect(refused).toMatch(
      /the clock says \S+, but the newest event of the log was decided at \S+: .*RINGFENCE_LOG_AHEAD_UNTIL=\d{4}-/,
    );
    await clocks.setAtStart(0);
    platform = await platform.startAgain();
    expect(await placed()).toMatchObject({ status: 202 });
  });
});
