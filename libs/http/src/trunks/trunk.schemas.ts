import { modes } from '@ringfence/domain/shared/values';
import { webhookApiVersions } from '@ringfence/domain/apps/voice-app.events';
import { sipTransports } from '@ringfence/domain/trunks/sip-trunk.events';
import { authenticationTypes } from '@ringfence/wire/commands/trunks/trunk-fields';
import {
  flag,
  id,
  idOrNull,
  type JsonSchema,
  listOf,
  moment,
  type NamedSchemas,
  object,
  oneOf,
  page,
  ref,
  text,
  textOrNull,
  whole,
  wholeOrNull,
} from '../edge/json-schema.js';
import { erasableIpListFields } from './ip-list-body.js';
import { erasableTrunkFields } from './sip-trunk-body.js';

const ipList = {
  id: id('acl'),
  account_id: id('acc'),
  mode: oneOf(modes),
  name: textOrNull,
  address_count: whole,
  trunk_count: { ...whole, description: 'The trunks that use it.' },
  created_at: moment,
  updated_at: { ...moment, description: 'When it was last changed, or created.' },
  erased: listOf(oneOf(erasableIpListFields)),
};
const addresses: JsonSchema = {
  ...listOf(
    object({ address: { ...textOrNull, description: 'A network in canonical form.' }, description: textOrNull }),
  ),
  description: 'In the order in which they were given.',
};

const trunk = {
  id: id('st'),
  account_id: id('acc'),
  mode: oneOf(modes),
  name: textOrNull,
  domain_name: {
    ...text,
    description: 'Made from the id, below a name that never resolves: nothing answers SIP in this release.',
  },
  vn_count: { ...whole, description: 'The numbers that are assigned to it.' },
  channel_limit: { ...wholeOrNull, description: 'null: as many calls as key and account permit.' },
  cps_limit: { ...wholeOrNull, description: 'Calls per second; null: as many as key and account permit.' },
  recording_enabled: flag,
  transport: oneOf(sipTransports),
  is_active: flag,
  authentication_type: oneOf(authenticationTypes),
  auth_ip_addresses: listOf(object({ name: textOrNull, address: textOrNull })),
  auth_credential_usernames: { ...listOf(textOrNull), description: 'One, or none. Passwords are never shown.' },
  ip_acl_id: { ...idOrNull('acl'), description: 'The IP list; null: none.' },
  ip_acl_name: textOrNull,
  sip_route: {
    oneOf: [{ type: 'null' }, object({ name: textOrNull, sip_url: textOrNull, sip_user: textOrNull })],
    description: 'inbound_route of the request; null: none.',
  },
  webhook_url: textOrNull,
  webhook_api_version: oneOf(webhookApiVersions),
  secret_id: { ...idOrNull('sec'), description: 'The secret of its webhooks; null: none.' },
  secret_name: textOrNull,
  created_at: moment,
  updated_at: { ...moment, description: 'When it was last changed, or created.' },
  code: { ...textOrNull, description: 'Always null: a field of the Teler API without a meaning here.' },
  erased: listOf(oneOf(erasableTrunkFields)),
};

export const trunkSchemas: NamedSchemas = {
  IpListSummary: object(ipList, 'An IP list in a page of lists. `erased` names what reads null because it was erased.'),
  IpList: object(
    { ...ipList, addresses },
    '`erased` names what reads null, or has members that do, because it was erased.',
  ),
  IpListWithWarnings: object({ ...ipList, addresses, warnings: listOf(ref('Warning')) }),
  SipTrunk: object(trunk, '`erased` names what reads null, or has members that do, because it was erased.'),
  SipTrunkWithWarnings: object({ ...trunk, warnings: listOf(ref('Warning')) }),
  SipTrunkList: page(ref('SipTrunk')),
  IpListList: page(ref('IpListSummary')),
};
