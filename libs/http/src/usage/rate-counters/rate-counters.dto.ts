import { idPattern } from '@ringfence/wire/field-rule';
import { Moment, Text } from '../../edge/fields.js';
import { AccountReadQuery } from '../../edge/query-fields.js';

export class RateCountersQuery extends AccountReadQuery {
  @Text({ says: 'The key.', charactersMax: 40, pattern: idPattern('key'), required: true })
  key_id!: string;

  @Moment({ says: 'From this moment on; default: 5 minutes before `to`.' })
  from?: string | null;

  @Moment({ says: 'Until before this moment; default: now.' })
  to?: string | null;
}
