import { e164Number, idText, singleLine } from '../../field-rule.js';
import { optional, personal, required } from '../command-field.js';
import { ofNumber } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';
import { nameCharactersMax } from '../shared-rules.js';

export const addNumber = {
  name: 'add_number',
  commandType: 'AddNumber',
  fields: {
    number: personal(
      required(e164Number, 'The number. One of the sandbox, +1500555…, is a test number; any other is live.', {
        example: '+15005550123',
      }),
    ),
    account_id: required(idText('acc'), 'The account that gets it.', { example: 'acc_01K9Z000000000000000000000' }),
    name: personal(optional(singleLine(nameCharactersMax), 'What the account sees it by; it can change that.')),
    locality: optional(
      singleLine(63, /^[a-z0-9][a-z0-9._-]{0,62}$/),
      'The place within its territory, as a label. The territory follows from the number.',
      { example: 'new-york' },
    ),
  },
  example: { number: '+15005550123', account_id: 'acc_01K9Z000000000000000000000' },
  answersSecret: false,
  route: { method: 'POST', path: '/inventory/numbers' },
  result: ofNumber,
} as const satisfies PublicCommand;
