import { modes } from '@ringfence/domain/platform/values';
import { Choice } from '../../edge/fields.js';
import { PageQuery } from '../../edge/query-fields.js';

export class EntriesQuery extends PageQuery {
  @Choice({
    says: 'The book; default, and the only one that a key of an account may name: that of the presented key.',
    of: modes,
  })
  mode?: 'live' | 'test' | null;
}
