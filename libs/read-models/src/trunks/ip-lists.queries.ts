import type { Mode, SealedText } from '@ringfence/domain/shared/values';
import type { IpListEntry } from '@ringfence/domain/trunks/ip-list.events';
import type { AccountId, IpListId, SubjectId } from '@ringfence/kernel/ids';
import { type EpochMs, epochMs, type Position, position } from '@ringfence/kernel/units';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import type { OwnedBy } from '../owned-by.js';
import { type Page, pageOf, pagePlan, type PageRequest } from '../page.js';

export type IpListRow = {
  readonly ipListId: IpListId;
  /** Position of its IpListCreated; also the cursor of lists. */
  readonly createdPosition: Position;
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly name: SealedText;
  readonly addressCount: number;
  readonly trunkCount: number;
  readonly createdAtMs: EpochMs;
  /** Moment of its last change, or of its creation. */
  readonly updatedAtMs: EpochMs;
};
export type IpListRowWithAddresses = IpListRow & { readonly addresses: readonly IpListEntry[] };

/** IP lists that exist. Throws Failure `database_unavailable` (retryable). */
export class IpListQueries {
  constructor(private readonly db: SqlTransaction) {}

  /** @param owner null: any */
  async find(ipListId: IpListId, owner: OwnedBy | null): Promise<IpListRowWithAddresses | undefined> {
    // One statement: a change between two of them would show the name of one state and the addresses of another.
    const records = await this.db.query<IpListRecord & AddressRecord>(
      `select *, ${trunkCount} from trunks.ip_list join trunks.ip_list_address using (ip_list_id) where ip_list.ip_list_id = $1
       and ($2::text is null or account_id = $2) and ($3::text is null or mode = $3) order by place`,
      [ipListId, owner?.accountId ?? null, owner?.mode ?? null],
    );
    const [first] = records;
    return first === undefined ? undefined : { ...ipListRow(first), addresses: records.map(entry) };
  }

  /** Newest first. */
  async list({ accountId, mode }: OwnedBy, page: PageRequest): Promise<Page<IpListRow>> {
    const { comparison, direction, from, fetch } = pagePlan(page);
    const records = await this.db.query<IpListRecord>(
      `select *, ${trunkCount} from trunks.ip_list where account_id = $1 and ($2::text is null or mode = $2)
       and ($3::int8 is null or created_position ${comparison} $3)
       order by created_position ${direction} limit $4`,
      [accountId, mode, from, fetch],
      'each_time',
    );
    return pageOf(
      page,
      records.map(ipListRow),
      ({ createdPosition }) => createdPosition,
      (row) => row,
    );
  }
}

const trunkCount = `(select count(*)::int4 from trunks.trunk where trunk.ip_list_id = ip_list.ip_list_id) as trunk_count`;

type IpListRecord = {
  readonly ip_list_id: IpListId;
  readonly created_position: string;
  readonly account_id: AccountId;
  readonly mode: Mode;
  readonly name_subject: SubjectId;
  readonly name_ciphertext: string;
  readonly address_count: number;
  readonly trunk_count: number;
  readonly created_at_ms: string;
  readonly updated_at_ms: string;
};

function ipListRow(record: IpListRecord): IpListRow {
  return {
    ipListId: record.ip_list_id,
    createdPosition: position(Number(record.created_position)),
    accountId: record.account_id,
    mode: record.mode,
    name: { subjectId: record.name_subject, ciphertext: record.name_ciphertext },
    addressCount: record.address_count,
    trunkCount: record.trunk_count,
    createdAtMs: epochMs(Number(record.created_at_ms)),
    updatedAtMs: epochMs(Number(record.updated_at_ms)),
  };
}

type AddressRecord = {
  readonly address_subject: SubjectId;
  readonly address_ciphertext: string;
  readonly description_subject: SubjectId | null;
  readonly description_ciphertext: string | null;
};

function entry(record: AddressRecord): IpListEntry {
  const { description_subject: subjectId, description_ciphertext: ciphertext } = record;
  return {
    address: { subjectId: record.address_subject, ciphertext: record.address_ciphertext },
    description: subjectId === null || ciphertext === null ? null : { subjectId, ciphertext },
  };
}
