import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { linesOf, ringfence } from './command-line.js';
import { type Customer, issueKey, openAccount, patienceMs, until, wanted } from './test-accounts.js';
import { withDatabase } from './log-reader.js';
import { PlatformProcess, runToEnd } from './platform-process.js';

const ring = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const [oldPepper, newPepper, oldMaster, newMaster] = [ring('p1'), ring('p2'), ring('m1'), ring('m2')];
const secrets = (pepper: string, master: string) => ({ RINGFENCE_PEPPER: pepper, RINGFENCE_MASTER_KEY: master });

/** The runbooks of docs/operations.md, step by step. */
describe('the keys of the server', () => {
  let platform: PlatformProcess;
  let shown: Customer;
  let unused: Customer;
  const inUse = secrets(`${newPepper},${oldPepper}`, `${newMaster},${oldMaster}`);

  beforeAll(async () => {
    platform = await PlatformProcess.start({ env: secrets(oldPepper, oldMaster) });
    const account = await openAccount(platform, 'Rotates Ltd');
    shown = await issueKey(platform, account, {});
    unused = await issueKey(platform, account, {});
    await platform.stop();
    platform = await platform.startAgain(inUse);
  });
  afterAll(() => platform.discard());

  const accepted = async ({ secret }: Pick<Customer, 'secret'>) =>
    (await platform.ask(secret, 'GET', '/api/v1/voice/calls')).status;
  const keysHanging = async () =>
    linesOf(await ringfence(platform.dataDir, ['peppers', 'keys', 'p1', '--json'], inUse)).map((key) => key['key_id']);

  it('digest a key again when it is used, and say which have not been', async () => {
    expect(await keysHanging()).toEqual(expect.arrayContaining([shown.keyId, unused.keyId]));
    expect(await accepted(shown)).toBe(200);
    await until('it is digested again', patienceMs, async () => !(await keysHanging()).includes(shown.keyId));
    expect(await keysHanging()).toContain(unused.keyId);
    expect(linesOf(await ringfence(platform.dataDir, ['peppers', 'list', '--json'], inUse))).toEqual([
      { id: 'p2', state: 'current', keys: 0 },
      { id: 'p1', state: 'older', keys: (await keysHanging()).length },
    ]);
  });

  it('are not taken away from keys in force: neither by a command nor by a start without them', async () => {
    expect(await ringfence(platform.dataDir, ['peppers', 'retire', 'p1'], inUse)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/keys in force depend on the pepper p1: .*\(pepper_in_use\)\n$/) as unknown,
    });
    expect((await ringfence(platform.dataDir, ['peppers', 'retire', 'p2'], inUse)).err).toContain('pepper_current');
    await platform.stop();
    const ended = await runToEnd(secrets(newPepper, `${newMaster},${oldMaster}`), platform.dataDir);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/ringfence: \d+ keys in force cannot be checked without the pepper p1, /);
    platform = await platform.startAgain(inUse);
  });

  it('can be taken away when every key was shown or revoked, and what was shown goes on', async () => {
    await wanted(platform, 'POST', `/api/v1/keys/${unused.keyId}/revoke`, { reason: 'unused' });
    for (const secret of [platform.keys.adminKey, platform.keys.sandboxKey]) await accepted({ secret });
    await until('none hangs on it', patienceMs, async () => {
      const result = await ringfence(platform.dataDir, ['peppers', 'keys', 'p1', '--json'], inUse);
      return result.code === 0 && result.out === '';
    });
    const retired = await ringfence(platform.dataDir, ['peppers', 'retire', 'p1', '--json'], inUse);
    expect(linesOf(retired)).toEqual([{ retired: 'p1', abandoned_keys: 0 }]);
  });

  it('put every data key under a new master key, after which the old one is not needed', async () => {
    const rewrapped = linesOf(await ringfence(platform.dataDir, ['vault', 'rewrap', '--json'], inUse));
    expect(rewrapped).toEqual([
      { current: 'm2', rewrapped: expect.any(Number) as unknown, under: { m2: expect.any(Number) as unknown } },
    ]);
    expect(Number(rewrapped[0]?.['rewrapped'])).toBeGreaterThan(3);
    await platform.stop();
    platform = await platform.startAgain(secrets(newPepper, newMaster));
    expect(await accepted(shown)).toBe(200);
    expect(await accepted(unused)).toBe(401);
    const account = await wanted(platform, 'GET', `/api/v1/accounts/${shown.accountId}`);
    expect(account).toMatchObject({ name: 'Rotates Ltd' });
    const names = await withDatabase(platform.dataDir, (client) =>
      client.query<{ master_key_id: string }>('select distinct master_key_id from vault.subject'),
    );
    expect(names.rows).toEqual([{ master_key_id: 'm2' }]);
  });
});
