import { Text, WholeNumber } from '../../edge/fields.js';
import { positionTokenPattern } from '../../edge/positions.js';
import { AccountReadQuery } from '../../edge/query-fields.js';

export class ListEventsQuery extends AccountReadQuery {
  @Text({
    says: 'The first position that is asked for: `next` of an earlier answer. Without it: from the beginning.',
    charactersMax: 64,
    pattern: positionTokenPattern,
  })
  from?: string | null;

  @WholeNumber({ says: 'Events in one answer.', least: 1, most: 500, otherwise: 100 })
  limit?: number | null;
}
