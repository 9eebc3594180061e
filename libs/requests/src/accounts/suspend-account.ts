import { accountOfStream, accountRequest, type RequestBuilder } from '../command-request.js';

export const requestSuspendAccount: RequestBuilder<'suspend_account'> = ({ reason }, { stream }) =>
  accountRequest({ type: 'SuspendAccount', accountId: accountOfStream(stream), reason }, { reason });
