import { ipListAddressesMax } from '@ringfence/domain/trunks/ip-list';
import { idText, singleLine } from '../../field-rule.js';
import { objectList } from '../object-rules.js';
import { optional, required } from '../command-field.js';
import { type PlainResult, textIn, warningsIn, type WithWarnings } from '../command-result.js';

const listNameCharactersMax = 64;
const descriptionCharactersMax = 255;
/** The longest text of an address: IPv6 with an IPv4 tail and a prefix length. */
const addressCharactersMax = 49;

/** The list that a command is about. */
export const ipListNamed = { ip_acl_id: required(idText('acl'), 'The IP list.') };
export const ipListName = singleLine(listNameCharactersMax);
export const ipListNameSays = 'What people call it.';

/** The text of an address or a network; builders of requests check what it means. */
export const addressText = singleLine(addressCharactersMax, /^[0-9A-Fa-f:.]{2,45}(?:\/\d{1,3})?$/);
export const ipListAddresses = objectList(
  {
    address: required(
      addressText,
      'An address, or a network in CIDR form: IPv4 /24 or narrower, IPv6 /64 or narrower.',
    ),
    description: optional(singleLine(descriptionCharactersMax), 'What it is.'),
  },
  ipListAddressesMax,
  'an address with a description or without',
);
export const ipListAddressesSays =
  'The addresses of which an inbound call may come over trunks with this list. Each is shown in canonical form, `203.0.113.7` as `203.0.113.7/32`. Loopback, unspecified and multicast addresses are refused, and so is an address that is there twice. No call comes over a SIP trunk in this release.';
export const ipListExample = {
  name: 'Office',
  addresses: [{ address: '203.0.113.0/24', description: 'Both lines' }, { address: '2001:db8::7' }],
};

type OfIpList = { readonly ipListId: string } & WithWarnings;
export function ofIpList({ ids }: PlainResult): { readonly ipListId: string } {
  return { ipListId: textIn(ids, 'ip_acl_id') };
}
export function ofIpListWithWarnings(result: PlainResult): OfIpList {
  return { ...ofIpList(result), warnings: warningsIn(result.ids) };
}
