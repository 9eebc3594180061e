import { accountOfStream, accountRequest, type RequestBuilder, sentFields } from '../command-request.js';
import { selectionIn, targetIn } from './number-selection.js';

/** @throws InvalidField as `selectionIn`, `targetIn` */
export const requestAssignNumbers: RequestBuilder<'assign_numbers'> = (body, { stream }) =>
  accountRequest(
    {
      type: 'AssignNumbers',
      accountId: accountOfStream(stream),
      selection: selectionIn(body),
      target: targetIn(body),
    },
    sentFields(body),
  );
