import type { IpListCreated, IpListEntry, IpListSettings } from '@ringfence/domain/trunks/ip-list.events';
import type { IpListId, StreamId } from '@ringfence/kernel/ids';
import { split } from '@ringfence/kernel/split';
import type { EpochMs, Position } from '@ringfence/kernel/units';
import type { OpenTransaction } from '@ringfence/ports/sql/sql-database';
import { rowSet } from '@ringfence/projections/row-set';

type Created = { readonly event: IpListCreated; readonly position: Position; readonly accountId: StreamId };
/** The changes that one batch makes to a list; null: none. */
export type IpListChange = {
  readonly ipListId: IpListId;
  created: Created | null;
  set: { readonly settings: IpListSettings; readonly updatedAtMs: EpochMs } | null;
  deleted: boolean;
};
type SetList = IpListChange & { set: NonNullable<IpListChange['set']> };
type CreatedList = SetList & { created: Created };

export function writeIpLists(changes: Iterable<IpListChange>, tx: OpenTransaction): void {
  const [deleted, kept] = split(changes, isDeleted);
  const [created, changed] = split(kept.filter(isSet), isCreated);
  createdRows.write(tx, insertLists, created);
  changedRows.write(tx, updateLists, changed);
  // Addresses are replaced as a whole.
  idRows.write(tx, deleteAddresses, [...deleted, ...changed]);
  addressRows.write(tx, insertAddresses, [...created, ...changed].flatMap(addressesOf));
  idRows.write(tx, deleteLists, deleted);
}

function isDeleted(change: IpListChange): change is IpListChange & { deleted: true } {
  return change.deleted;
}

function isSet(change: IpListChange): change is SetList {
  return change.set !== null;
}

function isCreated(change: SetList): change is CreatedList {
  return change.created !== null;
}

type AddressOfList = { readonly ipListId: IpListId; readonly place: number; readonly entry: IpListEntry };

function addressesOf({ ipListId, set }: SetList): readonly AddressOfList[] {
  return set.settings.addresses.map((entry, place) => ({ ipListId, place, entry }));
}

const settings = {
  name_subject: ['text', ({ set }: SetList) => set.settings.name.subjectId],
  name_ciphertext: ['text', ({ set }: SetList) => set.settings.name.ciphertext],
  address_count: ['int4', ({ set }: SetList) => set.settings.addresses.length],
  updated_at_ms: ['int8', ({ set }: SetList) => set.updatedAtMs],
} as const;
const createdRows = rowSet<CreatedList>({
  ip_list_id: ['text', ({ ipListId }) => ipListId],
  created_position: ['int8', ({ created }) => created.position],
  account_id: ['text', ({ created }) => created.accountId],
  mode: ['text', ({ created }) => created.event.mode],
  created_at_ms: ['int8', ({ created }) => created.event.createdAtMs],
  ...settings,
});
const insertLists = `insert into ip_list (${createdRows.names}) select * from ${createdRows.from}`;

const changedRows = rowSet<SetList>({ ip_list_id: ['text', ({ ipListId }) => ipListId], ...settings });
const updates = Object.keys(settings).map((name) => `${name} = new.${name}`);
const updateLists = `update ip_list set ${updates.join(', ')} from ${changedRows.from}
  where ip_list.ip_list_id = new.ip_list_id`;

const addressRows = rowSet<AddressOfList>({
  ip_list_id: ['text', ({ ipListId }) => ipListId],
  place: ['int4', ({ place }) => place],
  address_subject: ['text', ({ entry }) => entry.address.subjectId],
  address_ciphertext: ['text', ({ entry }) => entry.address.ciphertext],
  description_subject: ['text', ({ entry }) => entry.description?.subjectId ?? null],
  description_ciphertext: ['text', ({ entry }) => entry.description?.ciphertext ?? null],
});
const insertAddresses = `insert into ip_list_address (${addressRows.names}) select * from ${addressRows.from}`;

const idRows = rowSet<IpListChange>({ ip_list_id: ['text', ({ ipListId }) => ipListId] });
const deleteLists = `delete from ip_list using ${idRows.from} where ip_list.ip_list_id = new.ip_list_id`;
const deleteAddresses = `delete from ip_list_address using ${idRows.from}
  where ip_list_address.ip_list_id = new.ip_list_id`;
