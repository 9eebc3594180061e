import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { KeyRing } from '@ringfence/application/auth/key-ring';
import { commandEvent } from '@ringfence/application/command-topic/carried-command';
import { vouchedHeaders } from '@ringfence/application/command-topic/vouched-event';
import { Voucher } from '@ringfence/application/command-topic/voucher';
import type { SealedText } from '@ringfence/domain/platform/values';
import type { ClusterOfMembers } from '@ringfence/e2e/cluster-of-members';
import { issueKey, openAccount } from '@ringfence/e2e/customers';
import type { AccountId, CallId, CommandId, EventId, IdSource, KeyId, LegId } from '@ringfence/kernel/ids';
import { laneOf } from '@ringfence/kernel/lane';
import { durationMs, epochMs } from '@ringfence/kernel/units';
import { openPool } from '@ringfence/sql-postgres/pool';
import { PostgresSubjectVault } from '@ringfence/vault-postgres/postgres-subject-vault';
import { ulid } from 'ulid';
import { callTo } from '../http/platform.js';
import type { CommandRecord } from './pump.js';

const laneCount = 64;
const wide = { calls_per_second: 10_000, burst_calls: 10_000, lines_max: 100_000 };
const deadlineInMs = 600_000;

type Payer = { readonly accountId: string; readonly keyId: string };
type Caller = { readonly accountId: AccountId; readonly keyId: KeyId; readonly from: SealedText; readonly to: SealedText; readonly flowUrl: SealedText }; // prettier-ignore

/** Many accounts that can pay for all that is asked of them, each with a key that no limit of its own holds back. */
export class Placing {
  readonly #voucher: Voucher;
  readonly #signing: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } = generateKeyPairSync('ed25519');
  #next = 0;

  private constructor(
    private readonly callers: readonly Caller[],
    vouchKey: string,
  ) {
    this.#voucher = new Voucher(KeyRing.parse(vouchKey, 'bench'));
  }

  /** Opens accounts through a gateway. */
  static async openAccounts(cluster: ClusterOfMembers, gateway: string, accounts: number): Promise<Placing> {
    const door = cluster.member(gateway);
    const payers: Payer[] = [];
    for (let at = 0; at < accounts; at += 1) {
      const accountId = await openAccount(door, `bench ${String(at)}`);
      const { keyId } = await issueKey(door, accountId, wide);
      payers.push({ accountId, keyId });
    }
    return Placing.for(cluster, payers);
  }

  /** For accounts that are there. */
  static async for(cluster: ClusterOfMembers, payers: readonly Payer[]): Promise<Placing> {
    const { DATABASE_URL: url = '', RINGFENCE_MASTER_KEY: master = '', RINGFENCE_VOUCH_KEY: vouchKey = '' } = cluster.env; // prettier-ignore
    const pool = openPool(url, { connectionsMax: 2 });
    const ids = { subjectId: () => `sub_${ulid()}` } as Pick<IdSource, 'subjectId'>;
    const vault = await PostgresSubjectVault.open({ pool, masterKeys: KeyRing.parse(master, 'bench'), ids });
    const call = callTo('+15005550006');
    const callers: Caller[] = [];
    for (const payer of payers) {
      const accountId = payer.accountId as AccountId;
      const sealed = [call.from_number, call.to_number, call.flow_url].map((text) => vault.seal(accountId, text));
      const [from, to, flowUrl] = (await Promise.all(sealed)) as [SealedText, SealedText, SealedText];
      callers.push({ accountId, keyId: payer.keyId as KeyId, from, to, flowUrl });
    }
    await pool.end();
    return new Placing(callers, vouchKey);
  }

  /** The x of the JWK that the commands are signed for. */
  get publicKey(): string {
    return this.#signing.publicKey.export({ format: 'jwk' }).x ?? '';
  }

  /** Commands that are all different, in turn of every account. */
  commands(count: number, replyPartition: number): readonly CommandRecord[] {
    return Array.from({ length: count }, () => this.#command(replyPartition));
  }

  #command(replyPartition: number): CommandRecord {
    const caller = this.callers[this.#next % this.callers.length];
    if (caller === undefined) throw new Error('there is no account');
    this.#next += 1;
    const { accountId, keyId, from, to, flowUrl } = caller;
    const [id, nowMs, correlation] = [ulid(), Date.now(), `bench-${this.#next.toString(36)}`];
    const commandId = `cmd_${id}` as CommandId;
    const callId = `cs_${id}` as CallId;
    const ringing = { ringTimeoutMs: durationMs(deadlineInMs), record: true, statusCallbackUrl: null };
    const call = { accountId, callId, legId: `cl_${id}` as LegId, attemptId: `evt_${id}` as EventId };
    const plain = commandEvent(
      {
        commandId,
        idChosenByClient: true,
        fingerprint: Buffer.alloc(32, id),
        stream: accountId,
        by: { kind: 'key', keyId, home: 'account' },
        wish: {
          type: 'PlaceCall',
          ...call,
          ...ringing,
          flowUrl,
          from: { clear: '', sealed: from },
          to: { clear: '', sealed: to },
        },
        result: { call_id: callId },
        deadlineMs: epochMs(nowMs + deadlineInMs),
        traceparent: null,
      },
      epochMs(nowMs),
      { partition: replyPartition, correlation },
      'urn:ringfence:bench',
    );
    const event = { ...plain, extensions: { ...plain.extensions, signature: this.#signature(plain.id) } };
    const partition = laneOf(accountId, laneCount);
    return { correlation, key: accountId, partition, headers: vouchedHeaders(event, this.#voucher), value: event.data };
  }

  #signature(id: string): string {
    const head = Buffer.from(JSON.stringify({ alg: 'EdDSA', kid: 'bench', typ: 'ringfence-command+jws' })).toString(
      'base64url',
    );
    const payload = Buffer.from(JSON.stringify({ id, filler: 'x'.repeat(400) })).toString('base64url');
    const signature = sign(null, Buffer.from(`${head}.${payload}`), this.#signing.privateKey);
    return `${head}.${payload}.${signature.toString('base64url')}`;
  }
}
