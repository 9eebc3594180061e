import { Choice, WholeNumber } from '../../edge/fields.js';
import { ReadQuery } from '../../edge/query-fields.js';

export const waitSecondsMax = 30;

export class ShowCallQuery extends ReadQuery {
  @Choice({
    says: 'Waits until the call has ended, then answers; after `wait_seconds` it answers with the call as it stands.',
    of: ['ended'],
  })
  wait_for?: 'ended' | null;

  @WholeNumber({ says: 'How long `wait_for` waits.', least: 1, most: waitSecondsMax, otherwise: waitSecondsMax })
  wait_seconds?: number | null;
}
