import type { CommandBody, PublicCommandName, publicCommands } from '@ringfence/wire/public-commands';
import type { CommandPayloadOf } from '@ringfence/commands/command-dispatcher';
import {
  type AccountDraftParts,
  draftAddCredit,
  draftChangeTimeZone,
  draftEraseSubject,
  draftOpenAccount,
  draftResumeAccount,
  draftSetAccountLimits,
  draftSuspendAccount,
  draftVerifyAccount,
} from './account-requests.js';
import { type CallDraftParts, draftHangUpCall, draftPlaceCall } from './call-requests.js';
import type { RequestContext, CommandRequest } from './command-request.js';
import { draftOpenNumberRange } from './number-requests.js';
import {
  draftChangeKeyPolicy,
  draftIssueKey,
  draftRegisterSigningKey,
  draftRevokeKey,
  draftRotateKey,
  type KeyDraftParts,
} from './key-requests.js';

/** Token of the drafts, for `@Inject`. */
export const COMMAND_DRAFTS = Symbol('CommandDrafts');

/**
 * Makes a wish of what a client asked for. Personal values are sealed; what was sent gives the same fields on every way.
 * @throws InvalidField; Failure `vault_unavailable`, `event_store_unavailable`, `database_unavailable` (retryable)
 */
export type CommandDrafts = {
  readonly [Name in PublicCommandName]: (
    body: CommandBody<Name>,
    asking: RequestContext,
  ) => Promise<CommandRequest<CommandPayloadOf<(typeof publicCommands)[Name]['wish']>>>;
};

export function commandDrafts(parts: CallDraftParts & KeyDraftParts & AccountDraftParts): CommandDrafts {
  return {
    place_call: (body, asking) => draftPlaceCall(parts, body, asking),
    hang_up_call: (body, asking) => draftHangUpCall(parts, body, asking),
    issue_key: (body, asking) => draftIssueKey(parts, body, asking),
    rotate_key: (body, asking) => draftRotateKey(parts, body, asking),
    change_key_policy: (body, asking) => draftChangeKeyPolicy(parts, body, asking),
    revoke_key: (body, asking) => draftRevokeKey(parts, body, asking),
    register_signing_key: (body, asking) => draftRegisterSigningKey(parts, body, asking),
    suspend_account: (body, asking) => draftSuspendAccount(parts, body, asking),
    erase_subject: (body, asking) => draftEraseSubject(parts, body, asking),
    open_account: (body, asking) => draftOpenAccount(parts, body, asking),
    verify_account: (body, asking) => draftVerifyAccount(parts, body, asking),
    resume_account: (body, asking) => draftResumeAccount(parts, body, asking),
    set_account_limits: (body, asking) => draftSetAccountLimits(parts, body, asking),
    change_time_zone: (body, asking) => draftChangeTimeZone(parts, body, asking),
    add_credit: (body, asking) => draftAddCredit(parts, body, asking),
    open_number_range: (body, asking) => draftOpenNumberRange(body, asking),
  };
}
