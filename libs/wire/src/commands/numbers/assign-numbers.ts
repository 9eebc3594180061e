import { idText } from '../../field-rule.js';
import { optional } from '../command-field.js';
import { ofAccount } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';
import { selectionFields } from './selection-fields.js';

/** Definition of the command; numbers that are assigned already move. */
export const assignNumbers = {
  name: 'assign_numbers',
  commandType: 'AssignNumbers',
  fields: {
    ...selectionFields,
    voice_app_id: optional(idText('va'), 'The voice app that they are assigned to.', {
      example: 'va_01K9Z000000000000000000000',
    }),
    sip_trunk_id: optional(idText('st'), 'The SIP trunk that they are assigned to; one of the two is needed.'),
  },
  example: { vn_ids: ['vn_01K9Z000000000000000000000'], voice_app_id: 'va_01K9Z000000000000000000000' },
  answersSecret: false,
  route: { method: 'POST', path: '/virtual-numbers/assign' },
  result: ofAccount,
} as const satisfies PublicCommand;
