import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { registryStaleAfterMs } from '@ringfence/auth/key-registry';
import { itUnless } from '@ringfence/testing/it-unless';
import { whyNoBrokerOfOnesOwn } from '@ringfence/testing/kafka/broker-of-ones-own';
import { ClusterOfMembers } from './cluster-of-members.js';
import { type Customer, issueKey, openAccount, placeCall, until } from './test-accounts.js';
import { PlatformProcess } from './platform-process.js';

const gateways = ['gateway-1', 'gateway-2'] as const;
const calls = '/api/v1/voice/calls?limit=1';
const policy = { preset: null, scopes: ['calls:read', 'calls:write'] };
/** Several times as long as a registry may be behind. */
const withoutBrokerMs = 3 * registryStaleAfterMs;
const recoveryMs = 90_000;

const reason = await whyNoBrokerOfOnesOwn();
const it = itUnless(reason);

let cluster: ClusterOfMembers;

const read = async (gateway: string, secret: string) => {
  const { status, json } = await cluster.member(gateway).ask(secret, 'GET', calls);
  return { status, code: (json as { readonly code?: string } | undefined)?.code };
};
const readEverywhere = (secret: string) => Promise.all(gateways.map((gateway) => read(gateway, secret)));
const ok = { status: 200, code: undefined };

/** Tests in the order of the file: each takes away more than the one before. */
describe('a cluster that is cut off', () => {
  let one: Customer;
  let other: Customer;

  beforeAll(async () => {
    if (reason !== null) return;
    cluster = await ClusterOfMembers.start({
      'decider-1': 'decider',
      'projector-1': 'projector',
      'gateway-1': 'gateway',
      'gateway-2': 'gateway',
    });
    const member = cluster.member('gateway-1');
    const accountId = await openAccount(member, 'Cut off');
    [one, other] = [await issueKey(member, accountId, policy), await issueKey(member, accountId, policy)];
    await until('every gateway knows both keys', recoveryMs, async () => {
      const answers = [...(await readEverywhere(one.secret)), ...(await readEverywhere(other.secret))];
      return answers.every(({ status }) => status === 200);
    });
  }, 300_000);
  afterAll(async () => {
    if (reason === null) await cluster.discard();
  }, 120_000);

  it('goes on answering reads with keys without its broker: gateways keep themselves fresh from the log', async () => {
    await cluster.broker.kill();
    const killedAt = performance.now();
    while (performance.now() - killedAt < withoutBrokerMs) {
      for (const answer of await readEverywhere(one.secret)) expect(answer).toEqual(ok);
    }
    const answer = await placeCall(cluster.member('gateway-1'), one.secret, '+15005550000', 'while the broker is away');
    expect(answer.status).toBeGreaterThanOrEqual(503);
  });

  it('learns of a revocation without its broker: one process on the same database takes the lanes, and every gateway rejects the key', async () => {
    const { KAFKA_BROKERS: _brokers, ...env } = cluster.env;
    const alone = await PlatformProcess.start({ dataDir: join(cluster.dataDir, 'alone'), env });
    try {
      const { adminKey } = cluster.member('gateway-1').keys;
      const revoked = await alone.ask(adminKey, 'POST', `/api/v1/keys/${one.keyId}/revoke`, { reason: 'leaked' });
      expect(revoked.status).toBe(200);
      await sleep(registryStaleAfterMs);
      // Nobody is admitted from now on, even if only because a gateway of a slow machine has just lost sight of the
      // log.
      for (const answer of await readEverywhere(one.secret)) expect([401, 503]).toContain(answer.status);
      await until('every gateway has seen it', recoveryMs, async () =>
        (await readEverywhere(one.secret)).every(({ status }) => status === 401),
      );
      await until('the other key opens every gateway', recoveryMs, async () =>
        (await readEverywhere(other.secret)).every(({ status }) => status === 200),
      );
    } finally {
      await alone.stop();
    }
  });

  it('decides again when its broker is back, and carries out what was asked for meanwhile at most once', async () => {
    await cluster.broker.restart();
    await until('a call is placed', recoveryMs, async () => {
      const answer = await placeCall(cluster.member('gateway-2'), other.secret, '+15005550000', 'once');
      return answer.status === 202;
    });
    await until('the revoked key is rejected as such', recoveryMs, async () => {
      const late = await placeCall(cluster.member('gateway-2'), one.secret, '+15005550000', 'while the broker is away');
      // A gateway of a slow machine may just have lost sight of the log again.
      expect([401, 503]).toContain(late.status);
      return late.status === 401;
    });
  });

  it('refuses everybody within two seconds with neither its broker nor its database', async () => {
    const refused = { status: 503, code: 'registry_stale' };
    cluster.killDatabase();
    await cluster.broker.kill();
    await sleep(registryStaleAfterMs);
    // What has been sent by now was sent when nobody could know any more whether the key still holds.
    for (let turn = 0; turn < 20; turn += 1) {
      for (const answer of await readEverywhere(other.secret)) expect(answer).toEqual(refused);
    }
    for (const gateway of gateways) {
      const answer = await placeCall(cluster.member(gateway), other.secret, '+15005550000');
      expect(answer).toMatchObject(refused);
    }
  });
});
