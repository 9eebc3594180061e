import { accountOfStream, type RequestBuilder } from '../command-request.js';
import { sipTrunkIdIn } from './trunk-settings.js';

export const requestDeleteSipTrunk: RequestBuilder<'delete_sip_trunk'> = (body, { stream }) => {
  const trunkId = sipTrunkIdIn(body.sip_trunk_id);
  return {
    stream,
    payload: { type: 'DeleteSipTrunk', accountId: accountOfStream(stream), trunkId },
    fields: { sip_trunk_id: trunkId },
    result: { sip_trunk_id: trunkId },
    secret: null,
  };
};
