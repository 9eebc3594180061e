import type { CommandBody, PublicCommandName, publicCommands } from '@ringfence/wire/public-commands';
import type { CommandPayloadOf } from '@ringfence/commands/command-dispatcher';
import {
  type AccountRequestParts,
  requestAddCredit,
  requestChangeTimeZone,
  requestEraseSubject,
  requestOpenAccount,
  requestResumeAccount,
  requestSetAccountLimits,
  requestSuspendAccount,
  requestVerifyAccount,
} from './account-requests.js';
import { type CallRequestParts, requestHangUpCall, requestPlaceCall } from './call-requests.js';
import type { RequestContext, CommandRequest } from './command-request.js';
import { requestOpenNumberRange } from './number-requests.js';
import {
  requestChangeKeyPolicy,
  requestIssueKey,
  requestRegisterSigningKey,
  requestRevokeKey,
  requestRotateKey,
  type KeyRequestParts,
} from './key-requests.js';

/** Token of the requests, for `@Inject`. */
export const REQUEST_BUILDERS = Symbol('RequestBuilders');

/**
 * Makes a wish of what a client asked for. Personal values are sealed; what was sent gives the same fields on every way.
 * @throws InvalidField; Failure `vault_unavailable`, `event_store_unavailable`, `database_unavailable` (retryable)
 */
export type RequestBuilders = {
  readonly [Name in PublicCommandName]: (
    body: CommandBody<Name>,
    context: RequestContext,
  ) => Promise<CommandRequest<CommandPayloadOf<(typeof publicCommands)[Name]['commandType']>>>;
};

export function requestBuilders(parts: CallRequestParts & KeyRequestParts & AccountRequestParts): RequestBuilders {
  return {
    place_call: (body, context) => requestPlaceCall(parts, body, context),
    hang_up_call: (body, context) => requestHangUpCall(parts, body, context),
    issue_key: (body, context) => requestIssueKey(parts, body, context),
    rotate_key: (body, context) => requestRotateKey(parts, body, context),
    change_key_policy: (body, context) => requestChangeKeyPolicy(parts, body, context),
    revoke_key: (body, context) => requestRevokeKey(parts, body, context),
    register_signing_key: (body, context) => requestRegisterSigningKey(parts, body, context),
    suspend_account: (body, context) => requestSuspendAccount(parts, body, context),
    erase_subject: (body, context) => requestEraseSubject(parts, body, context),
    open_account: (body, context) => requestOpenAccount(parts, body, context),
    verify_account: (body, context) => requestVerifyAccount(parts, body, context),
    resume_account: (body, context) => requestResumeAccount(parts, body, context),
    set_account_limits: (body, context) => requestSetAccountLimits(parts, body, context),
    change_time_zone: (body, context) => requestChangeTimeZone(parts, body, context),
    add_credit: (body, context) => requestAddCredit(parts, body, context),
    open_number_range: (body, context) => requestOpenNumberRange(body, context),
  };
}
