import { parseCallId, parseLegId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { durationMs } from '@ringfence/kernel/units';
import { accountOfStream, type RequestBuilder } from '../command-request.js';

const toneMsDefault = 100;

/** Hands the digits over to the carrier's process beside the log: the command has only their number. */
export const requestSendDigits: RequestBuilder<'send_digits', 'vault' | 'ids'> = async (
  body,
  { stream },
  { vault, ids },
) => {
  const callId = parseCallId(body.call_id);
  const legId = body.leg_id === undefined || body.leg_id === null ? null : (parseLegId(body.leg_id) ?? null);
  invariant(callId !== undefined, 'the fields of the body were checked');
  const toneMs = body.duration_ms ?? toneMsDefault;
  const operationId = ids.operationId();
  await vault.deposit(operationId, body.digits);
  return {
    stream,
    payload: {
      type: 'SendDigits',
      accountId: accountOfStream(stream),
      callId,
      legId,
      operationId,
      digitCount: body.digits.length,
      toneMs: durationMs(toneMs),
    },
    fields: { call_id: callId, leg_id: legId, digits: body.digits, duration_ms: toneMs },
    result: { request_id: ids.commandId() },
    secret: null,
  };
};
