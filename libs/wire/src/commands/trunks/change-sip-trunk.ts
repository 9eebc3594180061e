import { boolean } from '../../field-rule.js';
import { optional, personal } from '../command-field.js';
import type { PublicCommand } from '../public-command.js';
import {
  authenticationFields,
  authenticationType,
  ofTrunkWithWarnings,
  optionalTrunkFields,
  recording,
  recordingSays,
  transport,
  transportSays,
  trunkApiVersion,
  trunkApiVersionSays,
  trunkName,
  trunkNamed,
  trunkNameSays,
} from './trunk-fields.js';

/** Definition of the command; fields that are left out stay as they are. */
export const changeSipTrunk = {
  name: 'change_sip_trunk',
  commandType: 'ChangeSipTrunk',
  fields: {
    ...trunkNamed,
    name: personal(optional(trunkName, trunkNameSays)),
    authentication_type: optional(
      authenticationType,
      'What callers are recognised by; needed with what they are recognised by, which replaces all of what was there.',
    ),
    ...authenticationFields,
    transport: optional(transport, transportSays),
    is_active: optional(boolean, 'An inactive trunk will carry no calls.'),
    ...optionalTrunkFields,
    recording: optional(recording, recordingSays),
    webhook_api_version: optional(trunkApiVersion, trunkApiVersionSays),
  },
  example: { is_active: false, inbound_route: null },
  answersSecret: false,
  route: { method: 'PATCH', path: '/sip/trunks/:sip_trunk_id' },
  result: ofTrunkWithWarnings,
} as const satisfies PublicCommand;
