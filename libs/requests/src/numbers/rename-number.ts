import { accountOfStream, type RequestBuilder } from '../command-request.js';
import { numberOf } from './number-of.js';

export const requestRenameNumber: RequestBuilder<'rename_number', 'vault'> = async (body, { stream }, { vault }) => {
  const accountId = accountOfStream(stream);
  const numberId = numberOf(body);
  const { name } = body;
  return {
    stream,
    payload: { type: 'RenameNumber', accountId, numberId, name: await vault.seal(accountId, name) },
    fields: { number_id: numberId, name },
    result: { number_id: numberId },
    secret: null,
  };
};
