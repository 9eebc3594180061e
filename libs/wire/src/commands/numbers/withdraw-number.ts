import { idText } from '../../field-rule.js';
import { required } from '../command-field.js';
import { ofNumber } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';

export const withdrawNumber = {
  name: 'withdraw_number',
  commandType: 'WithdrawNumber',
  fields: { number_id: required(idText('vn'), 'The number.') },
  example: {},
  answersSecret: false,
  route: { method: 'POST', path: '/accounts/:subject/virtual-numbers/:number_id/withdraw' },
  result: ofNumber,
} as const satisfies PublicCommand;
