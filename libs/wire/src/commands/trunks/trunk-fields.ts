import { channelLimitMax } from '@ringfence/domain/apps/voice-app';
import { webhookApiVersions } from '@ringfence/domain/apps/voice-app.events';
import { cpsLimitMax, trunkAddressesMax } from '@ringfence/domain/trunks/sip-trunk';
import { sipTransports } from '@ringfence/domain/trunks/sip-trunk.events';
import { boolean, choice, endpointUrl, type FieldRule, idText, singleLine, wholeNumber } from '../../field-rule.js';
import { objectList, objectWith } from '../object-rules.js';
import { optional, personal, required } from '../command-field.js';
import { type PlainResult, textIn, warningsIn, type WithWarnings } from '../command-result.js';
import { nameCharactersMax } from '../shared-rules.js';
import { addressText } from './ip-list-fields.js';

/** The trunk that a command is about. */
export const trunkNamed = { sip_trunk_id: required(idText('st'), 'The SIP trunk.') };

export const trunkName = singleLine(nameCharactersMax);
export const trunkNameSays = 'What people call it.';
export const authenticationTypes = ['credential', 'IP'] as const;
export const authenticationType = choice(authenticationTypes);
export const transport = choice(sipTransports);
export const transportSays = 'How SIP is carried; udp only with a credential.';

const passwordCharactersMin = 8;
const passwordCharactersMax = 128;
const anyPassword = singleLine(passwordCharactersMax);
const password: FieldRule<string> = {
  name: 'password',
  expectation: `is text of ${String(passwordCharactersMin)} to ${String(passwordCharactersMax)} characters without control or invisible characters`,
  schema: { ...anyPassword.schema, minLength: passwordCharactersMin },
  isValid: (value): value is string => anyPassword.isValid(value) && value.length >= passwordCharactersMin,
};
const usernameCharactersMax = 64;
/** The plain characters of a user in a SIP URI (RFC 3261 §25.1): none that delimits in a digest or a header. */
const sipUser = singleLine(usernameCharactersMax, /^[A-Za-z0-9._~!*()&=+$?/-]+$/);
const sipUrlCharactersMax = 255;
const sipUrl: FieldRule<string> = {
  ...singleLine(
    sipUrlCharactersMax,
    /^(?:sips?:)?(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:;transport=(?:udp|tcp|tls))?$/,
  ),
  name: 'sip_url',
  expectation: `is a SIP URI of a host of at most ${String(sipUrlCharactersMax)} characters without user, such as sip:pbx.example.com:5061;transport=tls`,
};

const credential = objectWith(
  {
    username: required(sipUser, 'The user name.'),
    password: required(password, 'The password. It is not kept, only digests of it.'),
  },
  `is {username, password}: a user name of 1 to ${String(usernameCharactersMax)} letters, digits and marks, and a password of ${String(passwordCharactersMin)} to ${String(passwordCharactersMax)} characters`,
);
const addresses = objectList(
  {
    name: optional(singleLine(nameCharactersMax), 'What people call it.'),
    address: required(addressText, 'One address.'),
  },
  trunkAddressesMax,
  'an address with a name or without',
);
const inboundRoute = objectWith(
  {
    name: required(singleLine(nameCharactersMax), 'What people call it.'),
    sip_url: required(sipUrl, 'The host that calls go to.'),
    sip_user: optional(sipUser, 'The user in the URI; null: the called number.'),
  },
  'is {name, sip_url, sip_user}: a host as a SIP URI, and a user or none',
);

const noCall = 'No call uses a SIP trunk in this release.';
/** The means by which a trunk recognises its callers: one of the three. */
export const authenticationFields = {
  auth_credential: personal(
    optional(credential, `With \`credential\`: what callers authenticate with, by SIP digest. ${noCall}`, {
      example: { username: 'office', password: 'correct horse battery staple' },
    }),
  ),
  auth_addresses: personal(
    optional(addresses, `With \`IP\`: single addresses, as those of IP lists but no networks. ${noCall}`),
  ),
  ip_acl_id: optional(idText('acl'), `With \`IP\`: the IP list of those addresses, of the same mode. ${noCall}`),
};
/** Settings that a trunk may have or not; null: it has none. */
export const optionalTrunkFields = {
  channel_limit: optional(
    wholeNumber(1, channelLimitMax),
    'How many calls may run over it at the same time. null: as many as key and account permit.',
  ),
  cps_limit: optional(
    wholeNumber(1, cpsLimitMax),
    'How many calls may start over it in a second. null: as many as key and account permit.',
  ),
  inbound_route: personal(
    optional(inboundRoute, `Where calls to the account’s numbers will go. ${noCall} null: nowhere.`),
  ),
  webhook_url: personal(
    optional(
      endpointUrl,
      `Where the platform will report what becomes of calls. ${noCall} The address is kept, encrypted, and never requested. null: nowhere.`,
    ),
  ),
  secret_id: optional(
    idText('sec'),
    'The webhook secret that its webhooks will be signed with, of the same mode. null: none.',
  ),
};
export const recording = boolean;
export const recordingSays = `Whether to record its calls. ${noCall}`;
export const trunkApiVersion = choice(webhookApiVersions);
export const trunkApiVersionSays = 'The form of its webhooks.';
export const trunkApiVersionDefault = '2026-06-01';

type OfTrunk = { readonly sipTrunkId: string } & WithWarnings;
export function ofTrunk({ ids }: PlainResult): { readonly sipTrunkId: string } {
  return { sipTrunkId: textIn(ids, 'sip_trunk_id') };
}
export function ofTrunkWithWarnings(result: PlainResult): OfTrunk {
  return { ...ofTrunk(result), warnings: warningsIn(result.ids) };
}
