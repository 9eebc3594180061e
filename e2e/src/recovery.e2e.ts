import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { itUnless } from '@ringfence/testing/it-unless';
import { whyNoBrokerOfOnesOwn } from '@ringfence/testing/kafka/broker-of-ones-own';
import { ClusterOfMembers } from './cluster-of-members.js';
import { type Customer, issueKey, openAccount, placeCall, until } from './test-accounts.js';

const busy = '+15005550003';
/** Number of accounts, so many that each decider has some of them. */
const accounts = 12;
const recoveryMs = 90_000;
const policy = { calls_per_second: 1_000, burst_calls: 1_000, lines_max: 1_000 };

const reason = await whyNoBrokerOfOnesOwn();
const it = itUnless(reason);

describe('a decider that goes', () => {
  let cluster: ClusterOfMembers;
  const customers: Customer[] = [];

  beforeAll(async () => {
    if (reason !== null) return;
    cluster = await ClusterOfMembers.start({ 'decider-1': 'decider', 'decider-2': 'decider', 'gateway-1': 'gateway' });
    const member = cluster.member('gateway-1');
    for (let account = 0; account < accounts; account += 1)
      customers.push(await issueKey(member, await openAccount(member, `Recovery ${String(account)}`), policy));
  }, 300_000);
  afterAll(async () => {
    if (reason === null) await cluster.discard();
  }, 120_000);

  /** One call for each account, asked for again under its Idempotency-Key until it is accepted. */
  const placedByAll = (name: string) =>
    Promise.all(
      customers.map(({ secret, accountId }) =>
        until(`${accountId} is served`, recoveryMs, async () => {
          const answer = await placeCall(cluster.member('gateway-1'), secret, busy, name);
          return answer.status === 202;
        }),
      ),
    );

  it('by being killed is taken out of the group by the other, which sees that its session has ended', async () => {
    await placedByAll('before');
    await cluster.member('decider-1').kill9();
    await placedByAll('after the kill');
    await until('it was taken out', recoveryMs, () =>
      Promise.resolve(cluster.member('decider-2').stderr.includes('"event":"decider_gone"')),
    );
  }, 300_000);

  it('as planned goes without a fault, and nobody takes it out', async () => {
    await cluster.again('decider-1');
    const stopped = cluster.member('decider-1').terminate();
    await placedByAll('while it stops');
    expect(await stopped).toBe(0);
    await placedByAll('after the stop');
    expect(cluster.member('decider-2').stderr.match(/"event":"decider_gone"/g)).toHaveLength(1);
  }, 300_000);
});
