import { type AccountId, type IdSource, parseAccountId, parseCallId, parseLegId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';
import { durationMs } from '@ringfence/kernel/units';
import { warningsFor } from '@ringfence/wire/ineffective-fields';
import type { CommandBody } from '@ringfence/wire/public-commands';
import type { CommandPayloadOf } from '@ringfence/commands/command-dispatcher';
import type { SubjectVault } from '@ringfence/ports/vault/subject-vault';
import { type RequestContext, type CommandRequest, InvalidField } from './command-request.js';

/** How long a call rings before it is given up. */
const ringTimeoutMsDefault = durationMs(60_000);

export type CallRequestParts = { readonly vault: SubjectVault; readonly ids: IdSource };

export async function requestPlaceCall(
  { vault, ids }: CallRequestParts,
  body: CommandBody<'place_call'>,
  { stream }: RequestContext,
): Promise<CommandRequest<CommandPayloadOf<'PlaceCall'>>> {
  const accountId = accountIn(stream);
  const { from_number, to_number, flow_url, status_callback_url = null } = body;
  const record = body.record ?? true;
  const [from, to, flowUrl, statusCallbackUrl] = await Promise.all([
    vault.seal(accountId, from_number),
    vault.seal(accountId, to_number),
    vault.seal(accountId, flow_url),
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
}

export function requestHangUpCall(
  { ids }: CallRequestParts,
  body: CommandBody<'hang_up_call'>,
  { stream }: RequestContext,
): Promise<CommandRequest<CommandPayloadOf<'HangUpCall'>>> {
  const callId = parseCallId(body.call_id);
  const legId = body.leg_id === undefined || body.leg_id === null ? null : (parseLegId(body.leg_id) ?? null);
  invariant(callId !== undefined, 'the fields of the body were checked');
  return Promise.resolve({
    stream,
    payload: { type: 'HangUpCall', accountId: accountIn(stream), callId, legId },
    fields: { call_id: callId, leg_id: legId },
    result: { request_id: ids.commandId(), warnings: warningsFor('hang_up_call', body) },
    secret: null,
  });
}

/** @throws InvalidField: the command is about an account, and the platform is none */
export function accountIn(stream: RequestContext['stream']): AccountId {
  const accountId = parseAccountId(stream);
  if (accountId !== undefined) return accountId;
  throw new InvalidField(['subject'], 'account', 'is the id of the account that the command is about');
}
