import { webhookApiVersions } from '@ringfence/domain/apps/voice-app.events';
import { type Mode, modes } from '@ringfence/domain/shared/values';
import type { IpListEntry, IpListSettings } from '@ringfence/domain/trunks/ip-list.events';
import {
  type InboundRoute,
  type SipTrunkSettings,
  sipTransports,
  type TrunkAddress,
  type TrunkAuthentication,
} from '@ringfence/domain/trunks/sip-trunk.events';
import type { TrunkEvent } from '@ringfence/domain/trunks/trunk.events';
import type { IpListId, SipTrunkId } from '@ringfence/kernel/ids';
import { about, type ContextCatalogue, type EventFacts } from './context-catalogue.js';
import {
  count,
  type FieldsOf,
  flag,
  id,
  listOf,
  moment,
  nullable,
  objectOf,
  oneOf,
  sealedSecret,
  sealedText,
  variantsOf,
} from './shape.js';

/** The settings of an IP list, one by one. */
export const ipListFields: FieldsOf<IpListSettings> = {
  name: sealedText,
  addresses: listOf(objectOf<IpListEntry>({ address: sealedText, description: nullable(sealedText) })),
};
type AuthenticationOf<Kind> = Extract<TrunkAuthentication, { readonly kind: Kind }>;
/** The settings of a SIP trunk, one by one. */
export const sipTrunkFields: FieldsOf<SipTrunkSettings> = {
  name: sealedText,
  authentication: variantsOf<TrunkAuthentication>({
    credential: objectOf<AuthenticationOf<'credential'>>({
      kind: oneOf(['credential']),
      username: sealedText,
      digests: sealedSecret,
    }),
    addresses: objectOf<AuthenticationOf<'addresses'>>({
      kind: oneOf(['addresses']),
      addresses: listOf(objectOf<TrunkAddress>({ name: nullable(sealedText), address: sealedText })),
    }),
    ip_list: objectOf<AuthenticationOf<'ip_list'>>({ kind: oneOf(['ip_list']), ipListId: id('acl') }),
  }),
  transport: oneOf(sipTransports),
  isActive: flag,
  channelLimit: nullable(count),
  cpsLimit: nullable(count),
  recordingEnabled: flag,
  inboundRoute: nullable(
    objectOf<InboundRoute>({ name: sealedText, sipUrl: sealedText, sipUser: nullable(sealedText) }),
  ),
  webhookUrl: nullable(sealedText),
  webhookApiVersion: oneOf(webhookApiVersions),
  secretId: nullable(id('sec')),
};
const ofTrunk = { trunkId: id('st'), mode: oneOf(modes) };
const trunkSettings = objectOf(sipTrunkFields);
const ofIpList = { ipListId: id('acl'), mode: oneOf(modes) };
const ipListSettings = objectOf(ipListFields);

export const trunkCatalogue: ContextCatalogue<TrunkEvent> = {
  IpListCreated: {
    name: 'trunk.ip_list_created',
    version: 1,
    fields: { ...ofIpList, settings: ipListSettings, createdAtMs: moment },
    facts: aboutIpList,
  },
  IpListChanged: {
    name: 'trunk.ip_list_changed',
    version: 1,
    fields: { ...ofIpList, settings: ipListSettings, createdAtMs: moment, changedAtMs: moment },
    facts: aboutIpList,
  },
  IpListDeleted: {
    name: 'trunk.ip_list_deleted',
    version: 1,
    fields: { ...ofIpList, deletedAtMs: moment },
    facts: aboutIpList,
  },
  SipTrunkCreated: {
    name: 'trunk.created',
    version: 1,
    fields: { ...ofTrunk, settings: trunkSettings, createdAtMs: moment },
    facts: aboutTrunk,
  },
  SipTrunkChanged: {
    name: 'trunk.changed',
    version: 1,
    fields: { ...ofTrunk, settings: trunkSettings, createdAtMs: moment, changedAtMs: moment },
    facts: aboutTrunk,
  },
  SipTrunkDeleted: {
    name: 'trunk.deleted',
    version: 1,
    fields: { ...ofTrunk, deletedAtMs: moment },
    facts: aboutTrunk,
  },
};

function aboutTrunk({ trunkId, mode }: { readonly trunkId: SipTrunkId; readonly mode: Mode }): EventFacts {
  return about(trunkId, mode);
}

function aboutIpList({ ipListId, mode }: { readonly ipListId: IpListId; readonly mode: Mode }): EventFacts {
  return about(ipListId, mode);
}
