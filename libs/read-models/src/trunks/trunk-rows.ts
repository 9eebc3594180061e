import type { SealedText } from '@ringfence/domain/shared/values';
import type { SipTrunkCreated, SipTrunkSettings, TrunkAddress } from '@ringfence/domain/trunks/sip-trunk.events';
import type { SipTrunkId, StreamId } from '@ringfence/kernel/ids';
import { split } from '@ringfence/kernel/split';
import type { EpochMs, Position } from '@ringfence/kernel/units';
import type { OpenTransaction } from '@ringfence/ports/sql/sql-database';
import { rowSet } from '@ringfence/projections/row-set';

type Created = { readonly event: SipTrunkCreated; readonly position: Position; readonly accountId: StreamId };
/** The changes that one batch makes to a trunk; null: none. */
export type TrunkChange = {
  readonly trunkId: SipTrunkId;
  created: Created | null;
  set: { readonly settings: SipTrunkSettings; readonly updatedAtMs: EpochMs } | null;
  deleted: boolean;
};
type SetTrunk = TrunkChange & { set: NonNullable<TrunkChange['set']> };
type CreatedTrunk = SetTrunk & { created: Created };

export function writeTrunks(changes: Iterable<TrunkChange>, tx: OpenTransaction): void {
  const [deleted, kept] = split(changes, isDeleted);
  const [created, changed] = split(kept.filter(isSet), isCreated);
  createdRows.write(tx, insertTrunks, created);
  changedRows.write(tx, updateTrunks, changed);
  // Addresses are replaced as a whole.
  idRows.write(tx, deleteAddresses, [...deleted, ...changed]);
  addressRows.write(tx, insertAddresses, [...created, ...changed].flatMap(addressesOf));
  idRows.write(tx, deleteTrunks, deleted);
}

function isDeleted(change: TrunkChange): change is TrunkChange & { deleted: true } {
  return change.deleted;
}

function isSet(change: TrunkChange): change is SetTrunk {
  return change.set !== null;
}

function isCreated(change: SetTrunk): change is CreatedTrunk {
  return change.created !== null;
}

type AddressOfTrunk = { readonly trunkId: SipTrunkId; readonly place: number; readonly entry: TrunkAddress };

function addressesOf({ trunkId, set }: SetTrunk): readonly AddressOfTrunk[] {
  const { authentication } = set.settings;
  if (authentication.kind !== 'addresses') return [];
  return authentication.addresses.map((entry, place) => ({ trunkId, place, entry }));
}

function usernameOf({ set: { settings } }: SetTrunk): SealedText | null {
  return settings.authentication.kind === 'credential' ? settings.authentication.username : null;
}

function ipListOf({ set: { settings } }: SetTrunk): string | null {
  return settings.authentication.kind === 'ip_list' ? settings.authentication.ipListId : null;
}

const settings = {
  name_subject: ['text', ({ set }: SetTrunk) => set.settings.name.subjectId],
  name_ciphertext: ['text', ({ set }: SetTrunk) => set.settings.name.ciphertext],
  authentication: ['text', ({ set }: SetTrunk) => set.settings.authentication.kind],
  username_subject: ['text', (trunk: SetTrunk) => usernameOf(trunk)?.subjectId ?? null],
  username_ciphertext: ['text', (trunk: SetTrunk) => usernameOf(trunk)?.ciphertext ?? null],
  ip_list_id: ['text', ipListOf],
  transport: ['text', ({ set }: SetTrunk) => set.settings.transport],
  is_active: ['bool', ({ set }: SetTrunk) => set.settings.isActive],
  channel_limit: ['int4', ({ set }: SetTrunk) => set.settings.channelLimit],
  cps_limit: ['int4', ({ set }: SetTrunk) => set.settings.cpsLimit],
  recording_enabled: ['bool', ({ set }: SetTrunk) => set.settings.recordingEnabled],
  route_name_subject: ['text', ({ set }: SetTrunk) => set.settings.inboundRoute?.name.subjectId ?? null],
  route_name_ciphertext: ['text', ({ set }: SetTrunk) => set.settings.inboundRoute?.name.ciphertext ?? null],
  sip_url_subject: ['text', ({ set }: SetTrunk) => set.settings.inboundRoute?.sipUrl.subjectId ?? null],
  sip_url_ciphertext: ['text', ({ set }: SetTrunk) => set.settings.inboundRoute?.sipUrl.ciphertext ?? null],
  sip_user_subject: ['text', ({ set }: SetTrunk) => set.settings.inboundRoute?.sipUser?.subjectId ?? null],
  sip_user_ciphertext: ['text', ({ set }: SetTrunk) => set.settings.inboundRoute?.sipUser?.ciphertext ?? null],
  webhook_url_subject: ['text', ({ set }: SetTrunk) => set.settings.webhookUrl?.subjectId ?? null],
  webhook_url_ciphertext: ['text', ({ set }: SetTrunk) => set.settings.webhookUrl?.ciphertext ?? null],
  webhook_api_version: ['text', ({ set }: SetTrunk) => set.settings.webhookApiVersion],
  secret_id: ['text', ({ set }: SetTrunk) => set.settings.secretId],
  updated_at_ms: ['int8', ({ set }: SetTrunk) => set.updatedAtMs],
} as const;
const createdRows = rowSet<CreatedTrunk>({
  trunk_id: ['text', ({ trunkId }) => trunkId],
  created_position: ['int8', ({ created }) => created.position],
  account_id: ['text', ({ created }) => created.accountId],
  mode: ['text', ({ created }) => created.event.mode],
  created_at_ms: ['int8', ({ created }) => created.event.createdAtMs],
  ...settings,
});
const insertTrunks = `insert into trunk (${createdRows.names}) select * from ${createdRows.from}`;

const changedRows = rowSet<SetTrunk>({ trunk_id: ['text', ({ trunkId }) => trunkId], ...settings });
const updates = Object.keys(settings).map((name) => `${name} = new.${name}`);
const updateTrunks = `update trunk set ${updates.join(', ')} from ${changedRows.from}
  where trunk.trunk_id = new.trunk_id`;

const addressRows = rowSet<AddressOfTrunk>({
  trunk_id: ['text', ({ trunkId }) => trunkId],
  place: ['int4', ({ place }) => place],
  name_subject: ['text', ({ entry }) => entry.name?.subjectId ?? null],
  name_ciphertext: ['text', ({ entry }) => entry.name?.ciphertext ?? null],
  address_subject: ['text', ({ entry }) => entry.address.subjectId],
  address_ciphertext: ['text', ({ entry }) => entry.address.ciphertext],
});
const insertAddresses = `insert into trunk_address (${addressRows.names}) select * from ${addressRows.from}`;

const idRows = rowSet<TrunkChange>({ trunk_id: ['text', ({ trunkId }) => trunkId] });
const deleteTrunks = `delete from trunk using ${idRows.from} where trunk.trunk_id = new.trunk_id`;
const deleteAddresses = `delete from trunk_address using ${idRows.from} where trunk_address.trunk_id = new.trunk_id`;
