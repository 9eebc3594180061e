import { parseCallId, parseLegId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { warningsFor } from '@ringfence/wire/ineffective-fields';
import { accountOfStream, type RequestBuilder } from '../command-request.js';

export const requestHangUpCall: RequestBuilder<'hang_up_call', 'ids'> = (body, { stream }, { ids }) => {
  const callId = parseCallId(body.call_id);
  const legId = body.leg_id === undefined || body.leg_id === null ? null : (parseLegId(body.leg_id) ?? null);
  invariant(callId !== undefined, 'the fields of the body were checked');
  return {
    stream,
    payload: { type: 'HangUpCall', accountId: accountOfStream(stream), callId, legId },
    fields: { call_id: callId, leg_id: legId },
    result: { request_id: ids.commandId(), warnings: warningsFor('hang_up_call', body) },
    secret: null,
  };
};
