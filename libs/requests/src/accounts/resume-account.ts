import { accountOfStream, accountRequest, type RequestBuilder } from '../command-request.js';

export const requestResumeAccount: RequestBuilder<'resume_account'> = (_body, { stream }) =>
  accountRequest({ type: 'ResumeAccount', accountId: accountOfStream(stream) }, {});
