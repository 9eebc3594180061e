import { asSecret, type SealedText } from '@ringfence/domain/shared/values';
import type { InboundRoute, SipTrunkSettings, TrunkAuthentication } from '@ringfence/domain/trunks/sip-trunk.events';
import { type AccountId, parseSipTrunkId, type SipTrunkId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import type { CommandBody } from '@ringfence/wire/public-commands';
import { InvalidField } from '../command-request.js';
import { secretIdIn } from '../webhooks/webhook-secret-value.js';
import { ipListIdIn } from './ip-list-settings.js';
import { readSipAddress } from './sip-address.js';
import { sipDigests } from './sip-digests.js';

type TrunkFields = Omit<CommandBody<'change_sip_trunk'>, 'sip_trunk_id'>;

export function sipTrunkIdIn(text: string): SipTrunkId {
  const trunkId = parseSipTrunkId(text);
  invariant(trunkId !== undefined, 'the fields of the body were checked');
  return trunkId;
}

/** Seals the values of one account. */
class Sealer {
  constructor(
    readonly vault: SubjectVault,
    readonly accountId: AccountId,
  ) {}

  text(value: string): Promise<SealedText> {
    return this.vault.seal(this.accountId, value);
  }

  async given<Missing extends null | undefined>(value: string | Missing): Promise<SealedText | Missing> {
    return typeof value === 'string' ? this.text(value) : value;
  }
}

/**
 * Builds a change of a trunk's settings from the fields that the client sent. Omitted ones are left out: only the lane
 * knows their values. Null removes what a trunk may be without; otherwise it means the same as an omission.
 * @throws InvalidField: authentication does not fit its type, or an address is wrong; Failure `vault_unavailable`
 *   (retryable)
 */
export async function trunkChange(
  body: TrunkFields,
  trunkId: SipTrunkId,
  vault: SubjectVault,
  accountId: AccountId,
): Promise<Partial<SipTrunkSettings>> {
  const sealer = new Sealer(vault, accountId);
  const { secret_id: secretId, inbound_route: route } = body;
  const [name, authentication, inboundRoute, webhookUrl] = await Promise.all([
    sealer.given(body.name ?? undefined),
    authenticationIn(body, trunkId, sealer),
    route === null || route === undefined ? route : inboundRouteIn(route, sealer),
    sealer.given(body.webhook_url),
  ]);
  return definedOf({
    name,
    authentication,
    transport: body.transport ?? undefined,
    isActive: body.is_active ?? undefined,
    channelLimit: body.channel_limit,
    cpsLimit: body.cps_limit,
    recordingEnabled: body.recording ?? undefined,
    inboundRoute,
    webhookUrl,
    webhookApiVersion: body.webhook_api_version ?? undefined,
    secretId: typeof secretId === 'string' ? secretIdIn(secretId) : secretId,
  });
}

/** undefined: the authentication stays as it is. */
async function authenticationIn(
  body: TrunkFields,
  trunkId: SipTrunkId,
  sealer: Sealer,
): Promise<TrunkAuthentication | undefined> {
  const { authentication_type: type = null, auth_credential: credential = null } = body;
  const { auth_addresses: addresses = null, ip_acl_id: ipListText = null } = body;
  if (type === null) {
    if (credential !== null || addresses !== null || ipListText !== null)
      throw new InvalidField(['authentication_type'], 'required', 'is needed with what callers are recognised by');
    return undefined;
  }
  if (type === 'credential') {
    if (credential === null) throw new InvalidField(['auth_credential'], 'required', 'is needed with `credential`');
    if (addresses !== null) throw new InvalidField(['auth_addresses'], 'exclusive', 'is for `IP` alone');
    if (ipListText !== null) throw new InvalidField(['ip_acl_id'], 'exclusive', 'is for `IP` alone');
    const { username, password } = credential;
    const [user, digests] = await Promise.all([
      sealer.text(username),
      sealer.text(sipDigests(username, trunkId, password)),
    ]);
    return { kind: 'credential', username: user, digests: asSecret(digests) };
  }
  if (credential !== null) throw new InvalidField(['auth_credential'], 'exclusive', 'is for `credential` alone');
  if (addresses !== null && ipListText !== null)
    throw new InvalidField(['ip_acl_id'], 'exclusive', 'excludes auth_addresses');
  if (ipListText !== null) return { kind: 'ip_list', ipListId: ipListIdIn(ipListText) };
  if (addresses === null) throw new InvalidField(['auth_addresses'], 'required', 'is needed with `IP`, or ip_acl_id');
  return addressesIn(addresses, sealer);
}

async function addressesIn(
  entries: NonNullable<TrunkFields['auth_addresses']>,
  sealer: Sealer,
): Promise<TrunkAuthentication> {
  const addresses = entries.map(({ address }, at) => {
    const read = readSipAddress(address);
    if ('canonical' in read) return read.canonical;
    throw new InvalidField(['auth_addresses', String(at), 'address'], read.rule, read.detail);
  });
  const repeated = addresses.findIndex((address, at) => addresses.indexOf(address) < at);
  if (repeated >= 0)
    throw new InvalidField(
      ['auth_addresses', String(repeated), 'address'],
      'repeated',
      'is the same address as one before',
    );
  return {
    kind: 'addresses',
    addresses: await Promise.all(
      entries.map(async ({ name = null }, at) => ({
        name: await sealer.given(name),
        address: await sealer.text(addresses[at] ?? ''),
      })),
    ),
  };
}

async function inboundRouteIn(
  { name, sip_url: url, sip_user: user = null }: NonNullable<TrunkFields['inbound_route']>,
  sealer: Sealer,
): Promise<InboundRoute> {
  const [sealedName, sipUrl, sipUser] = await Promise.all([sealer.text(name), sealer.text(url), sealer.given(user)]);
  return { name: sealedName, sipUrl, sipUser };
}

/** Drops undefined members, which would override others when spread. */
function definedOf(fields: {
  readonly [Name in keyof SipTrunkSettings]: SipTrunkSettings[Name] | undefined;
}): Partial<SipTrunkSettings> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
