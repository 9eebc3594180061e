import type { Mode, SealedText } from '@ringfence/domain/shared/values';
import type { SipTrunkSettings, TrunkAddress } from '@ringfence/domain/trunks/sip-trunk.events';
import type { AccountId, IpListId, SipTrunkId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import { momentText, type Opened } from '../edge/reading.js';
import type { ShownAddress } from './trunk-addresses.js';

/** A trunk as answers show it, from a row or an event: never a digest. */
export type ShownTrunk = Omit<SipTrunkSettings, 'authentication'> & {
  readonly trunkId: SipTrunkId;
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly authentication: 'credential' | 'addresses' | 'ip_list';
  readonly username: SealedText | null;
  readonly addresses: readonly TrunkAddress[];
  readonly ipListId: IpListId | null;
  readonly createdAtMs: EpochMs;
  readonly updatedAtMs: EpochMs;
};

/** The personal values of a trunk beside its addresses, by the names of their fields. */
const fieldNames = {
  name: 'name',
  username: 'auth_credential_usernames',
  routeName: 'sip_route',
  sipUrl: 'sip_route',
  sipUser: 'sip_route',
  webhookUrl: 'webhook_url',
} as const;
type PersonalName = keyof typeof fieldNames;
export const trunkPersonalValues = Object.keys(fieldNames) as readonly PersonalName[];
export const erasableTrunkFields = [...new Set(Object.values(fieldNames)), 'auth_ip_addresses'] as const;

export function personalValuesOf(trunk: ShownTrunk): Readonly<Record<PersonalName, SealedText | null>> {
  const { name, username, inboundRoute, webhookUrl } = trunk;
  return {
    name,
    username,
    routeName: inboundRoute?.name ?? null,
    sipUrl: inboundRoute?.sipUrl ?? null,
    sipUser: inboundRoute?.sipUser ?? null,
    webhookUrl,
  };
}

/** The values of a trunk in clear; a name that is null was erased. */
type TrunkInClear = {
  readonly opened: Opened<PersonalName> | undefined;
  readonly addresses: readonly ShownAddress[];
  readonly secretName: string | null;
  readonly ipListName: string | null;
  readonly numberCount: number;
};

/** A trunk in Teler's fields. An erased value is null, and `erased` names its field. */
export function trunkBody(
  trunk: ShownTrunk,
  { opened, addresses, secretName, ipListName, numberCount }: TrunkInClear,
): object {
  const { values, erased } = opened ?? { values: undefined, erased: [] };
  return {
    id: trunk.trunkId,
    account_id: trunk.accountId,
    mode: trunk.mode,
    name: values?.name ?? null,
    domain_name: domainNameOf(trunk.trunkId),
    vn_count: numberCount,
    channel_limit: trunk.channelLimit,
    cps_limit: trunk.cpsLimit,
    recording_enabled: trunk.recordingEnabled,
    transport: trunk.transport,
    is_active: trunk.isActive,
    authentication_type: trunk.authentication === 'credential' ? 'credential' : 'IP',
    auth_ip_addresses: addresses.map(({ name, address }) => ({ name, address })),
    auth_credential_usernames: trunk.username === null ? [] : [values?.username ?? null],
    ip_acl_id: trunk.ipListId,
    ip_acl_name: ipListName,
    sip_route:
      trunk.inboundRoute === null
        ? null
        : { name: values?.routeName ?? null, sip_url: values?.sipUrl ?? null, sip_user: values?.sipUser ?? null },
    webhook_url: values?.webhookUrl ?? null,
    webhook_api_version: trunk.webhookApiVersion,
    secret_id: trunk.secretId,
    secret_name: secretName,
    created_at: momentText(trunk.createdAtMs),
    updated_at: momentText(trunk.updatedAtMs),
    code: null, // Teler's field, which its clients read and do not explain
    erased: [
      ...new Set([
        ...erased.map((name) => fieldNames[name]),
        ...(addresses.some(({ isErased }) => isErased) ? ['auth_ip_addresses'] : []),
      ]),
    ],
  };
}

/**
 * The domain of a trunk: its id below a name that never resolves (RFC 2606), because nothing answers SIP in this
 * release.
 */
function domainNameOf(trunkId: SipTrunkId): string {
  return `${trunkId.slice('st_'.length).toLowerCase()}.sip.invalid`;
}
