import { warningsFor } from '@ringfence/wire/ineffective-fields';
import { accountOfStream, InvalidField, type RequestBuilder, sentFields } from '../command-request.js';
import { ipListIdIn, sealedAddresses } from './ip-list-settings.js';

/** @throws InvalidField: nothing is to be changed; as `requestCreateIpList` */
export const requestChangeIpList: RequestBuilder<'change_ip_list', 'vault'> = async (body, { stream }, { vault }) => {
  const accountId = accountOfStream(stream);
  const ipListId = ipListIdIn(body.ip_acl_id);
  const { name = null, addresses = null } = body;
  if (name === null && addresses === null)
    throw new InvalidField(['name'], 'required', 'is needed, or the addresses to change');
  const change = {
    ...(addresses === null ? {} : { addresses: await sealedAddresses(addresses, vault, accountId) }),
    ...(name === null ? {} : { name: await vault.seal(accountId, name) }),
  };
  return {
    stream,
    payload: { type: 'ChangeIpList', accountId, ipListId, change },
    fields: sentFields(body),
    result: { ip_acl_id: ipListId, warnings: warningsFor('change_ip_list', body) },
    secret: null,
  };
};
