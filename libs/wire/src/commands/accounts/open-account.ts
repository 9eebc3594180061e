import { singleLine } from '../../field-rule.js';
import { optional, personal, required } from '../command-field.js';
import { ofAccount } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';
import { nameCharactersMax, timeZoneName } from '../shared-rules.js';

export const openAccount = {
  name: 'open_account',
  commandType: 'OpenAccount',
  fields: {
    name: personal(
      required(singleLine(nameCharactersMax), 'The name of the paying party; kept as a personal value.', {
        example: 'Example GmbH',
      }),
    ),
    currency: required(singleLine(3, /^[A-Z]{3}$/), 'ISO 4217, of a rate deck that is in force; never changes.', {
      example: 'USD',
    }),
    region: optional(singleLine(32, /^[a-z][a-z0-9-]{1,31}$/), 'Where its data lives; never changes. Default: eu.', {
      example: 'eu',
    }),
    time_zone: optional(
      timeZoneName,
      'IANA zone of its day boundaries, by its area (Europe/Berlin), or UTC. Default: UTC.',
      { example: 'Europe/Berlin' },
    ),
  },
  example: { name: 'Example GmbH', currency: 'USD', region: 'eu', time_zone: 'Europe/Berlin' },
  answersSecret: false,
  route: { method: 'POST', path: '/accounts' },
  result: ofAccount,
} as const satisfies PublicCommand;
