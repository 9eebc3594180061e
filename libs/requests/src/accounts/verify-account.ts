import { accountOfStream, accountRequest, type RequestBuilder } from '../command-request.js';

export const requestVerifyAccount: RequestBuilder<'verify_account'> = (_body, { stream }) =>
  accountRequest({ type: 'VerifyAccount', accountId: accountOfStream(stream) }, {});
