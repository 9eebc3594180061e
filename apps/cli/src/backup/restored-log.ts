import { carrierReactorName } from '@ringfence/reactors/calls/carrier-reactor';
import type { SubjectErased } from '@ringfence/domain/accounts/account.events';
import type { KeyRing } from '@ringfence/runtime/key-ring';
import type { KeyId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { Manifest } from '@ringfence/backup-postgres/manifest';
import { checkMasterKeys } from '@ringfence/vault-postgres/durable-key';
import { deleteSubjects, type Erasure } from '@ringfence/vault-postgres/subject-rows';
import type { ClientBase } from 'pg';
import { backupFailures } from '@ringfence/backup-postgres/backup-failures';
import { cliFailures } from '../failures.js';
import { postgresLogSource } from '../replay/log-source.js';
import { replay } from '../replay/replay.js';
import { laterEventsOf } from './later-events.js';

/** A key that is in force again because it was revoked after the backup. */
type LostRevocation = { readonly keyId: KeyId; readonly revokedAtMs: EpochMs };
export type RestoredLog = {
  readonly manifest: Manifest;
  /** Values that the backup still had and that were erased again. */
  readonly erased: number;
  readonly lostRevocations: readonly LostRevocation[];
  readonly keysInForce: number;
};
type RestoredLogOptions = {
  /** The folder of the backup, for messages. */
  readonly folder: string;
  /** Files of events that are newer than the backup. */
  readonly laterEvents: readonly string[];
  /** null: not available, so it cannot be checked whether the vault opens. */
  readonly masterKeys: KeyRing | null;
  readonly onProgress: (done: number, total: number) => void;
};

/**
 * Checks the restored data and re-applies what must not be undone, before the data is visible to others.
 * @throws Failure `log_broken`, `backup_damaged`, `master_key_unknown`, `wrapped_key_broken`, and those of
 *   `laterEventsOf`
 */
export async function settleRestoredLog(
  client: ClientBase,
  manifest: Manifest,
  { folder, laterEvents, masterKeys, onProgress }: RestoredLogOptions,
): Promise<RestoredLog> {
  const erasures: Erasure[] = [];
  const keysInForce = new Set<KeyId>();
  const report = await replay(postgresLogSource(client), {
    stream: null,
    subject: null,
    onEvent: ({ data }) => {
      if (data.type === 'SubjectErased') erasures.push(erasureOf(data));
      if (data.type === 'KeyIssued' || data.type === 'SigningKeyRegistered') keysInForce.add(data.keyId);
      if (data.type === 'KeyRevoked') keysInForce.delete(data.keyId);
    },
    onProgress,
  });
  if (report.findings.length > 0) throw cliFailures.log_broken(report.findings.length);
  if (report.head !== manifest.head)
    throw backupFailures.damaged(folder, `its log has ${String(report.head)} of ${String(manifest.head)} events`);
  if (masterKeys !== null) await checkMasterKeys(client, masterKeys);
  // Those that the backup's vault had not carried out yet.
  let erased = 0;
  for (let at = 0; at < erasures.length; at += erasedAtOnceMax)
    erased += await deleteSubjects(client, erasures.slice(at, at + erasedAtOnceMax));
  const lost = new Map<KeyId, LostRevocation>();
  for (const file of laterEvents) {
    erased += await takeLaterEvents(client, file, manifest.logId, ({ keyId, revokedAtMs }) => {
      if (keysInForce.has(keyId)) lost.set(keyId, { keyId, revokedAtMs });
    });
  }
  await outrunFormerOwners(client);
  await dialNothingAgain(client, manifest.head);
  return { manifest, erased, lostRevocations: [...lost.values()], keysInForce: keysInForce.size };
}

const erasedAtOnceMax = 1_000;

function erasureOf({ accountId, subjectId }: SubjectErased): Erasure {
  return { account: accountId, subjectId };
}

/** @returns the number of values erased */
async function takeLaterEvents(
  client: ClientBase,
  file: string,
  logId: string,
  onRevoked: (revocation: LostRevocation) => void,
): Promise<number> {
  let erasures: Erasure[] = [];
  let erased = 0;
  for await (const event of laterEventsOf(file, logId)) {
    if (event.type === 'KeyRevoked') onRevoked(event);
    else erasures.push(erasureOf(event));
    if (erasures.length < erasedAtOnceMax) continue;
    erased += await deleteSubjects(client, erasures);
    erasures = [];
  }
  return erased + (await deleteSubjects(client, erasures));
}

/**
 * Epochs skipped by a restore. Owners count up from the restored epoch; the gap ensures that a process of the lost
 * database that still runs never has the epoch of a new owner.
 */
const epochsSkipped = 1_048_576;

async function outrunFormerOwners(client: ClientBase): Promise<void> {
  for (const table of ['log.lane', 'reactor.checkpoint', 'reactor.lease'])
    await client.query(`update ${table} set epoch = epoch + ${String(epochsSkipped)}`);
}

/**
 * Marks orders as read that the carrier had not read at the time of the backup: they may have been dialled since. The
 * next start ends their calls, because no worker knows them.
 */
async function dialNothingAgain(client: ClientBase, head: number): Promise<void> {
  await client.query(
    `insert into reactor.checkpoint (reactor, next, owner) values ($1, $2, 'restore')
     on conflict (reactor) do update set next = excluded.next`,
    [carrierReactorName, head],
  );
}
