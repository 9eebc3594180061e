import { singleLine } from '../../field-rule.js';
import { optional, personal, required } from '../command-field.js';
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
  trunkApiVersionDefault,
  trunkApiVersionSays,
  trunkName,
  trunkNameSays,
} from './trunk-fields.js';

const domainCharactersMax = 253;

export const createSipTrunk = {
  name: 'create_sip_trunk',
  commandType: 'CreateSipTrunk',
  fields: {
    name: personal(required(trunkName, trunkNameSays, { example: 'Office' })),
    domain_name: optional(
      singleLine(domainCharactersMax, /^[A-Za-z0-9._-]+$/),
      'The client of the Teler API sends one. It has no effect: the platform makes the domain of a trunk from its id.',
    ),
    authentication_type: required(authenticationType, 'What callers are recognised by.', { example: 'credential' }),
    ...authenticationFields,
    transport: optional(transport, transportSays, { default: 'tls' }),
    ...optionalTrunkFields,
    recording: optional(recording, recordingSays, { default: false }),
    webhook_api_version: optional(trunkApiVersion, trunkApiVersionSays, { default: trunkApiVersionDefault }),
  },
  example: {
    name: 'Office',
    authentication_type: 'credential',
    auth_credential: { username: 'office', password: 'correct horse battery staple' },
  },
  answersSecret: false,
  route: { method: 'POST', path: '/sip/trunks' },
  result: ofTrunkWithWarnings,
} as const satisfies PublicCommand;
