import { idPattern } from '@ringfence/wire/field-rule';
import { Text } from '../../edge/fields.js';

export class NumberQuery {
  @Text({
    says: 'The key whose policy is asked about; needed with an operator’s key. An account’s key asks about itself.',
    charactersMax: 40,
    pattern: idPattern('key'),
  })
  key_id?: string | null;
}
