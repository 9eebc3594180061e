import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { KeyRing } from '@ringfence/runtime/key-ring';
import { CommandKeys } from '@ringfence/command-transport/signed-commands/command-keys';
import { checksAtOnceMax } from '@ringfence/command-transport/signed-commands/signature-check';
import type { ClusterOfMembers } from '@ringfence/e2e/cluster-of-members';
import { issueKey, openAccount } from '@ringfence/e2e/test-accounts';
import { decodeRecorded } from '@ringfence/event-catalog/event-codec';
import { PostgresEventStore } from '@ringfence/event-store-postgres/postgres-event-store';
import { laneOf } from '@ringfence/kernel/lane';
import type { LogId } from '@ringfence/kernel/ids';
import { position } from '@ringfence/kernel/units';
import { binaryHeaders } from '@ringfence/wire/cloud-event';
import type { MessageBus } from '@ringfence/ports/message-bus/message-bus';
import { commandTypeOf } from '@ringfence/wire/public-commands';
import {
  audienceOf,
  replyToAttribute,
  sealedHeader,
  signatureAttribute,
  signatureHeader,
  signedPayload,
} from '@ringfence/wire/signed-command';
import { openPool } from '@ringfence/sql-postgres/pool';
import { CompactEncrypt, compactVerify, importJWK } from 'jose';
import { ulid } from 'ulid';
import { callTo } from '../http/platform.js';
import type { CommandRecord } from './pump.js';
import { laneCount, registerSigningKeys, type Signer } from './signing-keys.js';

const wide = { calls_per_second: 10_000, burst_calls: 10_000, lines_max: 100_000 };
const validForS = 600;
const call = callTo('+15005550006');
/** Number of encryptions that each account has of the number to call. */
const sealedNumbers = 64;

const checksMeasured = 4_096;

export type CheckCost = { readonly micros: number; readonly ownThreadMicros: number };
/** Encrypts a value so that only the platform can read it, in a command about this subject. */
type Seal = (value: string, subject: string) => Promise<string>;
type SealedCall = { readonly from_number: string; readonly flow_url: string; readonly to_number: string };
type Caller = Signer & { readonly sealed: readonly SealedCall[] };

/** Signed commands of many accounts that can pay for all their calls, under keys without limits of their own. */
export class Placing {
  readonly #heads = new Map<string, string>();
  #next = 0;

  private constructor(
    private readonly callers: readonly Caller[],
    private readonly privateKey: KeyObject,
    /** The `x` of the JWK for which all commands are signed. */
    readonly publicKey: string,
    private readonly audience: string,
    private readonly seal: Seal,
  ) {}

  /** Opens accounts through a gateway. */
  static async openAccounts(cluster: ClusterOfMembers, bus: MessageBus, gateway: string, accounts: number) {
    const member = cluster.member(gateway);
    const keyIds: string[] = [];
    for (let at = 0; at < accounts; at += 1) {
      const accountId = await openAccount(member, `bench ${String(at)}`);
      keyIds.push((await issueKey(member, accountId, wide)).keyId);
    }
    return Placing.for(cluster, bus, keyIds);
  }

  /**
   * Prepares existing accounts.
   * @param keyIds one API key of each account; its signing key gets the same policy
   */
  static async for(cluster: ClusterOfMembers, bus: MessageBus, keyIds: readonly string[]): Promise<Placing> {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const { x = '' } = publicKey.export({ format: 'jwk' });
    const signers = await registerSigningKeys(cluster, bus, keyIds, x);
    const [encryption] = new CommandKeys(KeyRing.parse(cluster.env['RINGFENCE_COMMAND_KEY'] ?? '', 'bench')).jwks;
    if (encryption === undefined) throw new Error('the platform has no key to encrypt to');
    const seal: Seal = (value, sub) =>
      new CompactEncrypt(Buffer.from(value))
        .setProtectedHeader({ ...sealedHeader, kid: encryption.kid, sub })
        .encrypt(encryption);
    const callers: Caller[] = [];
    for (const signer of signers) {
      const { accountId } = signer;
      const same = await sealedCall(seal, accountId);
      const sealed: SealedCall[] = [same];
      while (sealed.length < sealedNumbers) sealed.push({ ...same, to_number: await seal(call.to_number, accountId) });
      callers.push({ ...signer, sealed });
    }
    return new Placing(callers, privateKey, x, audienceOf(await logIdOf(cluster)), seal);
  }

  /** Makes commands that are all different, from every account in turn. */
  commands(count: number, replyPartition: number): readonly CommandRecord[] {
    return Array.from({ length: count }, () => this.#command(replyPartition));
  }

  /** Makes commands like `commands`, from a client that encrypts every value of every command separately. */
  async commandsSealedAgain(count: number, replyPartition: number): Promise<readonly CommandRecord[]> {
    const commands: CommandRecord[] = [];
    while (commands.length < count) {
      const { accountId } = this.#caller();
      commands.push(this.#command(replyPartition, await sealedCall(this.seal, accountId)));
    }
    return commands;
  }

  /**
   * Measures the cost of one signature check of the platform: CPU time of all threads, and of the requesting thread
   * alone.
   */
  async signatureCheck(): Promise<CheckCost> {
    const key = await importJWK({ kty: 'OKP', crv: 'Ed25519', x: this.publicKey }, signatureHeader.alg);
    const signatures = this.commands(checksMeasured, 0).map(({ headers }) => headers[`ce_${signatureAttribute}`] ?? '');
    const checkAll = async () => {
      for (let at = 0; at < signatures.length; at += checksAtOnceMax)
        await Promise.all(signatures.slice(at, at + checksAtOnceMax).map((each) => compactVerify(each, key)));
    };
    await checkAll();
    const [all, own] = [process.cpuUsage(), process.threadCpuUsage()];
    await checkAll();
    const [allSince, ownSince] = [process.cpuUsage(all), process.threadCpuUsage(own)];
    return {
      micros: (allSince.user + allSince.system) / signatures.length,
      ownThreadMicros: (ownSince.user + ownSince.system) / signatures.length,
    };
  }

  #caller(): Caller {
    const caller = this.callers[this.#next % this.callers.length];
    if (caller === undefined) throw new Error('there is no account');
    return caller;
  }

  #command(replyPartition: number, sealedAgain?: SealedCall): CommandRecord {
    const { accountId: subject, keyId, sealed } = this.#caller();
    const body = sealedAgain ?? sealed[Math.floor(this.#next / this.callers.length) % sealed.length];
    this.#next += 1;
    const correlation = `bench-${this.#next.toString(36)}`;
    const replyTo = `${String(replyPartition)}.${correlation}`;
    const value = Buffer.from(JSON.stringify(body));
    const dataSha256 = createHash('sha256').update(value).digest('base64url');
    const [type, id, source] = [commandTypeOf('place_call'), ulid(), 'urn:example:bench'];
    const issuedAtS = Math.floor(Date.now() / 1_000);
    const claims = { audience: this.audience, issuedAtS, expiresAtS: issuedAtS + validForS, replyKey: null };
    const payload = Buffer.from(signedPayload({ type, id, source, subject, replyTo, dataSha256 }, claims));
    const signed = `${this.#headOf(keyId)}.${payload.toString('base64url')}`;
    const signature = `${signed}.${sign(null, Buffer.from(signed), this.privateKey).toString('base64url')}`;
    const extensions = { [signatureAttribute]: signature, [replyToAttribute]: replyTo };
    const headers = binaryHeaders({ id, source, type, subject, time: null, extensions });
    return { correlation, key: subject, partition: laneOf(subject, laneCount), headers, value };
  }

  #headOf(keyId: string): string {
    const known = this.#heads.get(keyId);
    if (known !== undefined) return known;
    const head = Buffer.from(JSON.stringify({ ...signatureHeader, kid: keyId })).toString('base64url');
    this.#heads.set(keyId, head);
    return head;
  }
}

async function sealedCall(seal: Seal, accountId: string): Promise<SealedCall> {
  const [from_number, flow_url, to_number] = await Promise.all([
    seal(call.from_number, accountId),
    // A call that rings for ever requests no flow.
    seal('https://app.example/flow', accountId),
    seal(call.to_number, accountId),
  ]);
  return { from_number, flow_url, to_number };
}

async function logIdOf(cluster: ClusterOfMembers): Promise<LogId> {
  const pool = openPool(cluster.database.url, { connectionsMax: 1 });
  const store = await PostgresEventStore.open(pool);
  try {
    const [first] = await store.readAll(position(0), 1);
    if (first === undefined) throw new Error('the log is empty');
    return decodeRecorded(first).logId;
  } finally {
    await store.close();
    await pool.end();
  }
}
