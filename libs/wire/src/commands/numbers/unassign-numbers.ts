import { ofAccount } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';
import { selectionFields } from './selection-fields.js';

export const unassignNumbers = {
  name: 'unassign_numbers',
  commandType: 'UnassignNumbers',
  fields: selectionFields,
  example: { vn_ids: ['vn_01K9Z000000000000000000000'] },
  answersSecret: false,
  route: { method: 'POST', path: '/virtual-numbers/unassign' },
  result: ofAccount,
} as const satisfies PublicCommand;
