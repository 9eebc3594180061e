import { micros } from '@ringfence/kernel/units';
import { accountOfStream, accountRequest, type RequestBuilder } from '../command-request.js';

export const requestAddCredit: RequestBuilder<'add_credit', 'vault'> = async (
  { mode, amount_micros, reference = null },
  { stream },
  { vault },
) => {
  const accountId = accountOfStream(stream);
  return accountRequest(
    {
      type: 'AddCredit',
      accountId,
      mode,
      amountMicros: micros(BigInt(amount_micros)),
      reference: reference === null ? null : await vault.seal(accountId, reference),
    },
    { mode, amount_micros, reference },
  );
};
