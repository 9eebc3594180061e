import { accountOfStream, accountRequest, type RequestBuilder, sentFields } from '../command-request.js';
import { selectionIn } from './number-selection.js';

/** @throws InvalidField as `selectionIn` */
export const requestUnassignNumbers: RequestBuilder<'unassign_numbers'> = (body, { stream }) =>
  accountRequest(
    {
      type: 'UnassignNumbers',
      accountId: accountOfStream(stream),
      selection: selectionIn(body),
    },
    sentFields(body),
  );
