import { durationMs } from '@ringfence/kernel/units';
import { warningsFor } from '@ringfence/wire/ineffective-fields';
import { accountOfStream, type RequestBuilder } from '../command-request.js';

/** Time for which a call rings before it is given up. */
const ringTimeoutMsDefault = durationMs(60_000);

export const requestPlaceCall: RequestBuilder<'place_call', 'vault' | 'ids'> = async (
  body,
  { stream },
  { vault, ids },
) => {
  const accountId = accountOfStream(stream);
  const { from_number, to_number, flow_url = null, status_callback_url = null } = body;
  const record = body.record ?? true;
  const [from, to, flowUrl, statusCallbackUrl] = await Promise.all([
    vault.seal(accountId, from_number),
    vault.seal(accountId, to_number),
    flow_url === null ? null : vault.seal(accountId, flow_url),
    status_callback_url === null ? null : vault.seal(accountId, status_callback_url),
  ]);
  const callId = ids.callId();
  return {
    stream,
    payload: {
      type: 'PlaceCall',
      accountId,
      callId,
      legId: ids.legId(),
      attemptId: ids.eventId(),
      from: { clear: from_number, sealed: from },
      to: { clear: to_number, sealed: to },
      flowUrl,
      statusCallbackUrl,
      record,
      ringTimeoutMs: ringTimeoutMsDefault,
    },
    fields: { from_number, to_number, flow_url, status_callback_url, record },
    result: { call_id: callId, warnings: warningsFor('place_call', body) },
    secret: null,
  };
};
