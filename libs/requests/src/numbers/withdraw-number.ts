import { accountOfStream, type RequestBuilder } from '../command-request.js';
import { numberOf } from './number-of.js';

export const requestWithdrawNumber: RequestBuilder<'withdraw_number'> = (body, { stream }) => {
  const numberId = numberOf(body);
  return {
    stream,
    payload: { type: 'WithdrawNumber', accountId: accountOfStream(stream), numberId },
    fields: { number_id: numberId },
    result: { number_id: numberId },
    secret: null,
  };
};
