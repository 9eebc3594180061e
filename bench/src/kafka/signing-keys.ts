import { RemoteDispatcher } from '@ringfence/command-transport/command-topic/remote-dispatcher';
import { ClusterMac } from '@ringfence/command-transport/command-topic/cluster-mac';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { systemTimers } from '@ringfence/runtime/system-timers';
import type { ClusterOfMembers } from '@ringfence/e2e/cluster-of-members';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { PostgresEventStore } from '@ringfence/event-store-postgres/postgres-event-store';
import { type AccountId, type CommandId, type KeyId, parseAccountId } from '@ringfence/kernel/ids';
import { addDuration, durationMs, epochMs } from '@ringfence/kernel/units';
import type { MessageBus } from '@ringfence/ports/message-bus/message-bus';
import { topicPrefixDefault, topicsOf } from '@ringfence/wire/topics';
import { openPool } from '@ringfence/sql-postgres/pool';
import { ulid } from 'ulid';

export const laneCount = 64;
/** Longest wait for the first command of an account, for which its whole history is read. */
const decidedWithinMs = durationMs(600_000);

/** The account that pays for commands, and the signing key that signs them. */
export type Signer = { readonly accountId: AccountId; readonly keyId: KeyId };

/**
 * Gives each account a signing key beside its API key, with the same policy: one key pair for all of them.
 * @param keyIds of API keys
 */
export async function registerSigningKeys(
  cluster: ClusterOfMembers,
  bus: MessageBus,
  keyIds: readonly string[],
  publicKey: string,
): Promise<readonly Signer[]> {
  const { DATABASE_URL: url = '', RINGFENCE_CLUSTER_KEY, RINGFENCE_VOUCH_KEY: formerly = '' } = cluster.env;
  const clusterKey = RINGFENCE_CLUSTER_KEY ?? formerly;
  const clock = { now: () => epochMs(Date.now()) };
  const pool = openPool(url, { connectionsMax: 2 });
  const store = await PostgresEventStore.open(pool);
  const dispatcher = await RemoteDispatcher.start({
    bus,
    topics: topicsOf(topicPrefixDefault),
    laneCount,
    clusterMac: new ClusterMac(KeyRing.parse(clusterKey, 'bench')),
    clock,
    timers: systemTimers,
    instance: 'bench',
    onRetryableError: () => undefined,
  });
  const register = async (apiKeyId: string): Promise<Signer> => {
    const [first] = await store.readSubject(apiKeyId, 1);
    const issued = first === undefined ? undefined : decodeRecorded(first).data;
    if (issued?.type !== 'KeyIssued') throw new Error(`${apiKeyId} was not issued`);
    const accountId = parseAccountId(issued.accountId ?? '');
    if (accountId === undefined) throw new Error(`${apiKeyId} is no account's key`);
    const { mode, label, policy, policyHash } = issued;
    const keyId = `key_${ulid()}` as KeyId;
    const outcome = await dispatcher.dispatch({
      commandId: `cmd_${ulid()}` as CommandId,
      idChosenByClient: false,
      fingerprint: new Uint8Array(0),
      stream: accountId,
      principal: { kind: 'operator', name: 'bench' },
      payload: { type: 'RegisterSigningKey', accountId, keyId, mode, label, publicKey, policy, policyHash },
      result: {},
      deadlineMs: addDuration(clock.now(), decidedWithinMs),
      traceparent: null,
    });
    if (!outcome.accepted) throw new Error(`no signing key: ${outcome.refusal.code}`);
    return { accountId, keyId };
  };
  try {
    return await Promise.all(keyIds.map(register));
  } finally {
    await dispatcher.stop();
    await store.close();
    await pool.end();
  }
}
