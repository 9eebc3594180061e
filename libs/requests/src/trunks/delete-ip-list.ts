import { accountOfStream, type RequestBuilder } from '../command-request.js';
import { ipListIdIn } from './ip-list-settings.js';

export const requestDeleteIpList: RequestBuilder<'delete_ip_list'> = (body, { stream }) => {
  const ipListId = ipListIdIn(body.ip_acl_id);
  return {
    stream,
    payload: { type: 'DeleteIpList', accountId: accountOfStream(stream), ipListId },
    fields: { ip_acl_id: ipListId },
    result: { ip_acl_id: ipListId },
    secret: null,
  };
};
