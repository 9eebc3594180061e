import { callStates } from '@ringfence/read-models/calls/call-rows';
import { Choice, E164Number, Moment } from '../../edge/fields.js';
import { PageQuery } from '../../edge/query-fields.js';

export class ListCallsQuery extends PageQuery {
  @Choice({ says: 'Calls in this state.', of: callStates })
  state?: (typeof callStates)[number] | null;

  @E164Number({ says: 'Calls that showed this caller number.' })
  from_number?: string | null;

  @E164Number({ says: 'Calls to this number.' })
  to_number?: string | null;

  @Moment({ says: 'Calls placed at or after this moment.' })
  created_after?: string | null;

  @Moment({ says: 'Calls placed before this moment.' })
  created_before?: string | null;
}
