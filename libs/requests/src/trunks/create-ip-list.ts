import { warningsFor } from '@ringfence/wire/ineffective-fields';
import { accountOfStream, type RequestBuilder, sentFields } from '../command-request.js';
import { sealedAddresses } from './ip-list-settings.js';

/** @throws InvalidField: an address is none, is too wide, cannot be a source, or is there twice */
export const requestCreateIpList: RequestBuilder<'create_ip_list', 'vault' | 'ids'> = async (
  body,
  { stream },
  { vault, ids },
) => {
  const accountId = accountOfStream(stream);
  const addresses = await sealedAddresses(body.addresses, vault, accountId);
  const ipListId = ids.ipListId();
  return {
    stream,
    payload: {
      type: 'CreateIpList',
      accountId,
      ipListId,
      settings: { name: await vault.seal(accountId, body.name), addresses },
    },
    fields: sentFields(body),
    result: { ip_acl_id: ipListId, warnings: warningsFor('create_ip_list', body) },
    secret: null,
  };
};
