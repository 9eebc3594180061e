import { idText, singleLine } from '../../field-rule.js';
import { personal, required } from '../command-field.js';
import { ofNumber } from '../command-result.js';
import type { PublicCommand } from '../public-command.js';
import { nameCharactersMax } from '../shared-rules.js';

export const renameNumber = {
  name: 'rename_number',
  commandType: 'RenameNumber',
  fields: {
    number_id: required(idText('vn'), 'The number.'),
    name: personal(
      required(singleLine(nameCharactersMax), 'Its new name. Kept as a personal value.', { example: 'Support line' }),
    ),
  },
  example: { name: 'Support line' },
  answersSecret: false,
  route: { method: 'PATCH', path: '/virtual-numbers/:number_id' },
  result: ofNumber,
} as const satisfies PublicCommand;
