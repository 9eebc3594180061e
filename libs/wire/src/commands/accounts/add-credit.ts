import { modes } from '@ringfence/domain/shared/values';
import { amountMicros, choice, singleLine } from '../../field-rule.js';
import { optional, personal, required } from '../command-field.js';
import { ofAccount } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';
import { nameCharactersMax } from '../shared-rules.js';

export const addCredit = {
  name: 'add_credit',
  commandType: 'AddCredit',
  fields: {
    mode: required(choice(modes), 'The book it goes to.'),
    amount_micros: required(amountMicros, 'Millionths of one unit of the account’s currency; more than 0.', {
      example: '5000000',
    }),
    reference: personal(
      optional(
        singleLine(nameCharactersMax),
        'What the money came by: a payment’s reference. Kept as a personal value.',
      ),
    ),
  },
  example: { mode: 'test', amount_micros: '5000000', reference: 'invoice 2026-117' },
  answersSecret: false,
  route: { method: 'POST', path: '/accounts/:subject/credit' },
  result: ofAccount,
} as const satisfies PublicCommand;
