import type { WebhookApiVersion } from '@ringfence/domain/apps/voice-app.events';
import type { Mode, SealedText } from '@ringfence/domain/shared/values';
import type {
  InboundRoute,
  SipTransport,
  TrunkAddress,
  TrunkAuthentication,
} from '@ringfence/domain/trunks/sip-trunk.events';
import type { AccountId, IpListId, SipTrunkId, SubjectId, WebhookSecretId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { type EpochMs, epochMs, type Position, position } from '@ringfence/kernel/units';
import type { SqlTransaction } from '@ringfence/ports/sql/sql-database';
import type { OwnedBy } from '../owned-by.js';
import { type Page, pageOf, pagePlan, type PageRequest } from '../page.js';

type Authentication = TrunkAuthentication['kind'];

export type SipTrunkRow = {
  readonly trunkId: SipTrunkId;
  /** Position of its SipTrunkCreated; also the cursor of lists. */
  readonly createdPosition: Position;
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly name: SealedText;
  readonly authentication: Authentication;
  readonly username: SealedText | null;
  readonly addresses: readonly TrunkAddress[];
  readonly ipListId: IpListId | null;
  readonly transport: SipTransport;
  readonly isActive: boolean;
  readonly channelLimit: number | null;
  readonly cpsLimit: number | null;
  readonly recordingEnabled: boolean;
  readonly inboundRoute: InboundRoute | null;
  readonly webhookUrl: SealedText | null;
  readonly webhookApiVersion: WebhookApiVersion;
  readonly secretId: WebhookSecretId | null;
  readonly createdAtMs: EpochMs;
  /** Moment of its last change, or of its creation. */
  readonly updatedAtMs: EpochMs;
};
/** `isActive` null: those that are and those that are not. */
export type SipTrunkFilter = OwnedBy & { readonly isActive: boolean | null };
export type TrunkOfSecret = {
  readonly secretId: WebhookSecretId;
  readonly trunkId: SipTrunkId;
  readonly name: SealedText;
};
export type SipTrunkName = { readonly trunkId: SipTrunkId; readonly name: SealedText };
export type IpListName = { readonly ipListId: IpListId; readonly name: SealedText };

/** SIP trunks that exist. Throws Failure `database_unavailable` (retryable). */
export class SipTrunkQueries {
  constructor(private readonly db: SqlTransaction) {}

  /** @param owner null: any */
  async find(trunkId: SipTrunkId, owner: OwnedBy | null): Promise<SipTrunkRow | undefined> {
    const [record] = await this.db.query<TrunkRecord>(
      `select *, ${addresses} from trunks.trunk where trunk_id = $1
       and ($2::text is null or account_id = $2) and ($3::text is null or mode = $3)`,
      [trunkId, owner?.accountId ?? null, owner?.mode ?? null],
    );
    return record === undefined ? undefined : trunkRow(record);
  }

  /** Newest first. */
  async list({ accountId, mode, isActive }: SipTrunkFilter, page: PageRequest): Promise<Page<SipTrunkRow>> {
    const { comparison, direction, from, fetch } = pagePlan(page);
    const records = await this.db.query<TrunkRecord>(
      `select *, ${addresses} from trunks.trunk where account_id = $1 and ($2::text is null or mode = $2)
       and ($3::bool is null or is_active = $3) and ($4::int8 is null or created_position ${comparison} $4)
       order by created_position ${direction} limit $5`,
      [accountId, mode, isActive, from, fetch],
      'each_time',
    );
    return pageOf(
      page,
      records.map(trunkRow),
      ({ createdPosition }) => createdPosition,
      (row) => row,
    );
  }

  /** The trunks that use these secrets, oldest first. */
  async ofSecrets(secretIds: readonly WebhookSecretId[]): Promise<readonly TrunkOfSecret[]> {
    if (secretIds.length === 0) return [];
    const records = await this.db.query<TrunkRecord & { readonly secret_id: WebhookSecretId }>(
      'select * from trunks.trunk where secret_id = any($1) order by created_position',
      [secretIds],
    );
    return records.map(({ secret_id: secretId, trunk_id: trunkId, ...record }) => ({
      secretId,
      trunkId,
      name: { subjectId: record.name_subject, ciphertext: record.name_ciphertext },
    }));
  }

  /** The names of those of these trunks that exist. */
  async names(trunkIds: readonly SipTrunkId[]): Promise<readonly SipTrunkName[]> {
    const records = await this.db.query<Pick<TrunkRecord, 'trunk_id' | 'name_subject' | 'name_ciphertext'>>(
      'select trunk_id, name_subject, name_ciphertext from trunks.trunk where trunk_id = any($1)',
      [trunkIds],
    );
    return records.map(({ trunk_id: trunkId, name_subject: subjectId, name_ciphertext: ciphertext }) => ({
      trunkId,
      name: { subjectId, ciphertext },
    }));
  }

  /** The names of those of these lists that exist. */
  async ipListNames(ipListIds: readonly IpListId[]): Promise<readonly IpListName[]> {
    if (ipListIds.length === 0) return [];
    type Named = Pick<TrunkRecord, 'name_subject' | 'name_ciphertext'> & { readonly ip_list_id: IpListId };
    const records = await this.db.query<Named>(
      'select ip_list_id, name_subject, name_ciphertext from trunks.ip_list where ip_list_id = any($1)',
      [ipListIds],
    );
    return records.map((record) => ({
      ipListId: record.ip_list_id,
      name: { subjectId: record.name_subject, ciphertext: record.name_ciphertext },
    }));
  }
}

/** Part of the statement that reads the trunk: a change between two statements would mix two states. */
const addresses = `(select json_agg(json_build_array(name_subject, name_ciphertext, address_subject, address_ciphertext)
  order by place) from trunks.trunk_address where trunk_address.trunk_id = trunk.trunk_id)::text as addresses`;
type AddressRecord = readonly [SubjectId | null, string | null, SubjectId, string];

type TrunkRecord = {
  readonly trunk_id: SipTrunkId;
  readonly created_position: string;
  readonly account_id: AccountId;
  readonly mode: Mode;
  readonly name_subject: SubjectId;
  readonly name_ciphertext: string;
  readonly authentication: Authentication;
  readonly username_subject: SubjectId | null;
  readonly username_ciphertext: string | null;
  readonly ip_list_id: IpListId | null;
  readonly transport: SipTransport;
  readonly is_active: boolean;
  readonly channel_limit: number | null;
  readonly cps_limit: number | null;
  readonly recording_enabled: boolean;
  readonly route_name_subject: SubjectId | null;
  readonly route_name_ciphertext: string | null;
  readonly sip_url_subject: SubjectId | null;
  readonly sip_url_ciphertext: string | null;
  readonly sip_user_subject: SubjectId | null;
  readonly sip_user_ciphertext: string | null;
  readonly webhook_url_subject: SubjectId | null;
  readonly webhook_url_ciphertext: string | null;
  readonly webhook_api_version: WebhookApiVersion;
  readonly secret_id: WebhookSecretId | null;
  readonly created_at_ms: string;
  readonly updated_at_ms: string;
  /** JSON; null: none. */
  readonly addresses: string | null;
};

function trunkRow(record: TrunkRecord): SipTrunkRow {
  return {
    trunkId: record.trunk_id,
    createdPosition: position(Number(record.created_position)),
    accountId: record.account_id,
    mode: record.mode,
    name: { subjectId: record.name_subject, ciphertext: record.name_ciphertext },
    authentication: record.authentication,
    username: sealed(record.username_subject, record.username_ciphertext),
    addresses: addressesIn(record.addresses),
    ipListId: record.ip_list_id,
    transport: record.transport,
    isActive: record.is_active,
    channelLimit: record.channel_limit,
    cpsLimit: record.cps_limit,
    recordingEnabled: record.recording_enabled,
    inboundRoute: routeIn(record),
    webhookUrl: sealed(record.webhook_url_subject, record.webhook_url_ciphertext),
    webhookApiVersion: record.webhook_api_version,
    secretId: record.secret_id,
    createdAtMs: epochMs(Number(record.created_at_ms)),
    updatedAtMs: epochMs(Number(record.updated_at_ms)),
  };
}

function routeIn(record: TrunkRecord): InboundRoute | null {
  const name = sealed(record.route_name_subject, record.route_name_ciphertext);
  if (name === null) return null;
  const sipUrl = sealed(record.sip_url_subject, record.sip_url_ciphertext);
  invariant(sipUrl !== null, 'a route has a name and a URL');
  return { name, sipUrl, sipUser: sealed(record.sip_user_subject, record.sip_user_ciphertext) };
}

function addressesIn(json: string | null): readonly TrunkAddress[] {
  const records = json === null ? [] : (JSON.parse(json) as readonly AddressRecord[]); // as the statement builds them
  return records.map(([nameSubject, nameCiphertext, subjectId, ciphertext]) => ({
    name: sealed(nameSubject, nameCiphertext),
    address: { subjectId, ciphertext },
  }));
}

function sealed(subjectId: SubjectId | null, ciphertext: string | null): SealedText | null {
  return subjectId === null || ciphertext === null ? null : { subjectId, ciphertext };
}
