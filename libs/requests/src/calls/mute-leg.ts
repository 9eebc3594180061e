import { parseCallId, parseLegId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { accountOfStream, type RequestBuilder } from '../command-request.js';

export const requestMuteLeg: RequestBuilder<'mute_leg', 'ids'> = (body, { stream }, { ids }) => {
  const callId = parseCallId(body.call_id);
  const legId = parseLegId(body.leg_id);
  invariant(callId !== undefined && legId !== undefined, 'the fields of the body were checked');
  return {
    stream,
    payload: { type: 'MuteLeg', accountId: accountOfStream(stream), callId, legId, muted: body.on },
    fields: { call_id: callId, leg_id: legId, on: body.on },
    result: { request_id: ids.commandId() },
    secret: null,
  };
};
