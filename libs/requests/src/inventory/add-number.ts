import { inventoryStream, parseAccountId, platformStream } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { InvalidField, type RequestBuilder } from '../command-request.js';

export const requestAddNumber: RequestBuilder<'add_number', 'vault' | 'ids'> = async (
  body,
  { stream },
  { vault, ids },
) => {
  if (stream !== inventoryStream) throw new InvalidField(['subject'], 'inventory', 'is `inventory`');
  const accountId = parseAccountId(body.account_id);
  invariant(accountId !== undefined, 'the fields of the body were checked');
  const { number } = body;
  const [name, locality] = [body.name ?? null, body.locality ?? null];
  const [sealedNumber, sealedName] = await Promise.all([
    // The platform’s own value: one number is one subject, whichever account has it, and no account can erase it.
    vault.seal(platformStream, number),
    name === null ? null : vault.seal(accountId, name),
  ]);
  const numberId = ids.numberId();
  return {
    stream,
    payload: {
      type: 'AddNumber',
      numberId,
      accountId,
      number: { clear: number, sealed: sealedNumber },
      locality,
      name: sealedName,
    },
    fields: { number, account_id: accountId, name, locality },
    result: { number_id: numberId },
    secret: null,
  };
};
