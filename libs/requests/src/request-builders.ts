import type { CommandPayload } from '@ringfence/commands/command-dispatcher';
import type { CommandBody, PublicCommandName } from '@ringfence/wire/public-commands';
import { requestAddCredit } from './accounts/add-credit.js';
import { requestChangeTimeZone } from './accounts/change-time-zone.js';
import { requestEraseSubject } from './accounts/erase-subject.js';
import { requestOpenAccount } from './accounts/open-account.js';
import { requestResumeAccount } from './accounts/resume-account.js';
import { requestSetAccountLimits } from './accounts/set-account-limits.js';
import { requestSuspendAccount } from './accounts/suspend-account.js';
import { requestVerifyAccount } from './accounts/verify-account.js';
import { requestChangeVoiceApp } from './apps/change-voice-app.js';
import { requestCreateVoiceApp } from './apps/create-voice-app.js';
import { requestDeleteVoiceApp } from './apps/delete-voice-app.js';
import { requestHangUpCall } from './calls/hang-up-call.js';
import { requestPlaceCall } from './calls/place-call.js';
import type { CommandRequest, RequestContext, RequestOf, RequestParts } from './command-request.js';
import { requestAddNumber } from './inventory/add-number.js';
import { requestChangeKeyPolicy } from './keys/change-key-policy.js';
import { requestIssueKey } from './keys/issue-key.js';
import { requestRegisterSigningKey } from './keys/register-signing-key.js';
import { requestRevokeKey } from './keys/revoke-key.js';
import { requestRotateKey } from './keys/rotate-key.js';
import { requestAssignNumbers } from './numbers/assign-numbers.js';
import { requestOpenNumberRange } from './numbers/open-number-range.js';
import { requestChangeIpList } from './trunks/change-ip-list.js';
import { requestChangeSipTrunk } from './trunks/change-sip-trunk.js';
import { requestCreateIpList } from './trunks/create-ip-list.js';
import { requestCreateSipTrunk } from './trunks/create-sip-trunk.js';
import { requestDeleteIpList } from './trunks/delete-ip-list.js';
import { requestDeleteSipTrunk } from './trunks/delete-sip-trunk.js';
import { requestRenameNumber } from './numbers/rename-number.js';
import { requestUnassignNumbers } from './numbers/unassign-numbers.js';
import { requestWithdrawNumber } from './numbers/withdraw-number.js';
import { requestChangeWebhookSecret } from './webhooks/change-webhook-secret.js';
import { requestCreateWebhookSecret } from './webhooks/create-webhook-secret.js';
import { requestDeleteWebhookSecret } from './webhooks/delete-webhook-secret.js';
import { requestMuteLeg } from './calls/mute-leg.js';
import { requestSendDigits } from './calls/send-digits.js';
import { requestPlayMedia } from './calls/play-media.js';
import { requestSimulateInboundCall } from './calls/simulate-inbound-call.js';

/** Token of the builders, for `@Inject`. */
export const REQUEST_BUILDERS = Symbol('RequestBuilders');

/** A builder for every public command, with its parts bound. @throws as `RequestBuilder` */
export type RequestBuilders = {
  readonly [Name in PublicCommandName]: (body: CommandBody<Name>, context: RequestContext) => Promise<RequestOf<Name>>;
};

export function requestBuilders(parts: RequestParts): RequestBuilders {
  const bound =
    <Body, Payload extends CommandPayload>(build: Builder<Body, Payload>) =>
    async (body: Body, context: RequestContext) =>
      build(body, context, parts);
  return {
    place_call: bound(requestPlaceCall),
    hang_up_call: bound(requestHangUpCall),
    issue_key: bound(requestIssueKey),
    rotate_key: bound(requestRotateKey),
    change_key_policy: bound(requestChangeKeyPolicy),
    revoke_key: bound(requestRevokeKey),
    register_signing_key: bound(requestRegisterSigningKey),
    create_webhook_secret: bound(requestCreateWebhookSecret),
    change_webhook_secret: bound(requestChangeWebhookSecret),
    delete_webhook_secret: bound(requestDeleteWebhookSecret),
    create_voice_app: bound(requestCreateVoiceApp),
    change_voice_app: bound(requestChangeVoiceApp),
    delete_voice_app: bound(requestDeleteVoiceApp),
    create_ip_list: bound(requestCreateIpList),
    change_ip_list: bound(requestChangeIpList),
    delete_ip_list: bound(requestDeleteIpList),
    create_sip_trunk: bound(requestCreateSipTrunk),
    change_sip_trunk: bound(requestChangeSipTrunk),
    delete_sip_trunk: bound(requestDeleteSipTrunk),
    suspend_account: bound(requestSuspendAccount),
    set_account_limits: bound(requestSetAccountLimits),
    change_time_zone: bound(requestChangeTimeZone),
    erase_subject: bound(requestEraseSubject),
    open_account: bound(requestOpenAccount),
    resume_account: bound(requestResumeAccount),
    verify_account: bound(requestVerifyAccount),
    add_credit: bound(requestAddCredit),
    open_number_range: bound(requestOpenNumberRange),
    add_number: bound(requestAddNumber),
    rename_number: bound(requestRenameNumber),
    assign_numbers: bound(requestAssignNumbers),
    unassign_numbers: bound(requestUnassignNumbers),
    withdraw_number: bound(requestWithdrawNumber),
    mute_leg: bound(requestMuteLeg),
    send_digits: bound(requestSendDigits),
    play_media: bound(requestPlayMedia),
    simulate_inbound_call: bound(requestSimulateInboundCall),
  };
}

type Builder<Body, Payload extends CommandPayload> = (
  body: Body,
  context: RequestContext,
  parts: RequestParts,
) => CommandRequest<Payload> | Promise<CommandRequest<Payload>>;
