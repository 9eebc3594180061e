import { parseCallId, parseLegId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { accountOfStream, type RequestBuilder } from '../command-request.js';

export const requestPlayMedia: RequestBuilder<'play_media', 'vault' | 'ids'> = async (
  body,
  { stream },
  { vault, ids },
) => {
  const accountId = accountOfStream(stream);
  const callId = parseCallId(body.call_id);
  const legId = body.leg_id === undefined || body.leg_id === null ? null : (parseLegId(body.leg_id) ?? null);
  invariant(callId !== undefined, 'the fields of the body were checked');
  const { media_url } = body;
  const [timesPlayed, onDigit] = [body.loop ?? 1, body.on_dtmf ?? 'continue'];
  const operationId = ids.operationId();
  const mediaUrl = await vault.seal(accountId, media_url);
  return {
    stream,
    payload: { type: 'PlayMedia', accountId, callId, legId, operationId, mediaUrl, timesPlayed, onDigit },
    fields: { call_id: callId, leg_id: legId, media_url, loop: timesPlayed, on_dtmf: onDigit },
    result: { request_id: ids.commandId(), playback_id: operationId },
    secret: null,
  };
};
