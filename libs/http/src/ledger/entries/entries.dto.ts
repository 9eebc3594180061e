import { modes } from '@ringfence/domain/shared/values';
import { idPattern } from '@ringfence/wire/field-rule';
import { Choice, Moment, Text } from '../../edge/fields.js';
import { PageQuery } from '../../edge/query-fields.js';

export class EntriesQuery extends PageQuery {
  @Choice({
    says: 'The book; default, and the only one that a key of an account may name: that of the presented key.',
    of: modes,
  })
  mode?: 'live' | 'test' | null;

  @Text({ says: 'Entries of this call.', charactersMax: 40, pattern: idPattern('cs') })
  call_id?: string | null;

  @Text({ says: 'Entries on the authority of this key.', charactersMax: 40, pattern: idPattern('key') })
  key_id?: string | null;

  @Moment({ says: 'Entries decided at or after this moment.' })
  decided_after?: string | null;

  @Moment({ says: 'Entries decided before this moment.' })
  decided_before?: string | null;
}
