import { idPattern } from '@ringfence/wire/field-rule';
import { E164Number, Text } from '../../edge/fields.js';

export class RateQuery {
  @E164Number({ says: 'The number that would be called.', required: true, example: '+15005550000' })
  number!: string;

  @Text({ says: 'The account; needed with an operator’s key.', charactersMax: 40, pattern: idPattern('acc') })
  account_id?: string | null;
}
