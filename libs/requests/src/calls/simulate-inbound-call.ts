import { withSameDigits } from '@ringfence/kernel/same-digits';
import { durationMs } from '@ringfence/kernel/units';
import { accountOfStream, type RequestBuilder } from '../command-request.js';

/** Time for which a caller of the sandbox waits for an answer. */
const givesUpAfterMsDefault = 30_000;
/** Time for which a caller of the sandbox talks. */
const hangsUpAfterMsDefault = 30_000;

export const requestSimulateInboundCall: RequestBuilder<'simulate_inbound_call', 'vault' | 'ids'> = async (
  body,
  { stream },
  { vault, ids },
) => {
  const accountId = accountOfStream(stream);
  const { from_number, to_number } = body;
  const gives_up_after_ms = body.gives_up_after_ms ?? givesUpAfterMsDefault;
  const hangs_up_after_ms = body.hangs_up_after_ms ?? hangsUpAfterMsDefault;
  const [from, to] = await Promise.all([vault.seal(accountId, from_number), vault.seal(accountId, to_number)]);
  const attemptId = ids.eventId();
  const callId = withSameDigits('cs', attemptId);
  return {
    stream,
    payload: {
      type: 'SimulateInboundCall',
      accountId,
      callId,
      attemptId,
      from: { clear: from_number, sealed: from },
      to: { clear: to_number, sealed: to },
      givesUpAfterMs: durationMs(gives_up_after_ms),
      hangsUpAfterMs: durationMs(hangs_up_after_ms),
    },
    fields: { from_number, to_number, gives_up_after_ms, hangs_up_after_ms },
    result: { call_id: callId },
    secret: null,
  };
};
