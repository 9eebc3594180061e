import { addCredit } from './commands/accounts/add-credit.js';
import { changeTimeZone } from './commands/accounts/change-time-zone.js';
import { eraseSubject } from './commands/accounts/erase-subject.js';
import { openAccount } from './commands/accounts/open-account.js';
import { resumeAccount } from './commands/accounts/resume-account.js';
import { setAccountLimits } from './commands/accounts/set-account-limits.js';
import { suspendAccount } from './commands/accounts/suspend-account.js';
import { verifyAccount } from './commands/accounts/verify-account.js';
import { changeVoiceApp } from './commands/apps/change-voice-app.js';
import { createVoiceApp } from './commands/apps/create-voice-app.js';
import { deleteVoiceApp } from './commands/apps/delete-voice-app.js';
import { hangUpCall } from './commands/calls/hang-up-call.js';
import { placeCall } from './commands/calls/place-call.js';
import type { BodyOf } from './commands/command-field.js';
import { addNumber } from './commands/inventory/add-number.js';
import { changeKeyPolicy } from './commands/keys/change-key-policy.js';
import { issueKey } from './commands/keys/issue-key.js';
import { registerSigningKey } from './commands/keys/register-signing-key.js';
import { revokeKey } from './commands/keys/revoke-key.js';
import { rotateKey } from './commands/keys/rotate-key.js';
import { assignNumbers } from './commands/numbers/assign-numbers.js';
import { openNumberRange } from './commands/numbers/open-number-range.js';
import { renameNumber } from './commands/numbers/rename-number.js';
import { unassignNumbers } from './commands/numbers/unassign-numbers.js';
import { withdrawNumber } from './commands/numbers/withdraw-number.js';
import type { PublicCommand } from './commands/public-command.js';
import { changeIpList } from './commands/trunks/change-ip-list.js';
import { changeSipTrunk } from './commands/trunks/change-sip-trunk.js';
import { createIpList } from './commands/trunks/create-ip-list.js';
import { createSipTrunk } from './commands/trunks/create-sip-trunk.js';
import { deleteIpList } from './commands/trunks/delete-ip-list.js';
import { deleteSipTrunk } from './commands/trunks/delete-sip-trunk.js';
import { changeWebhookSecret } from './commands/webhooks/change-webhook-secret.js';
import { createWebhookSecret } from './commands/webhooks/create-webhook-secret.js';
import { deleteWebhookSecret } from './commands/webhooks/delete-webhook-secret.js';
import { commandTypePrefix } from './signed-command.js';
import { muteLeg } from './commands/calls/mute-leg.js';
import { sendDigits } from './commands/calls/send-digits.js';
import { playMedia } from './commands/calls/play-media.js';
import { simulateInboundCall } from './commands/calls/simulate-inbound-call.js';

export type { CommandField, CommandFields } from './commands/command-field.js';

/** Every command that a client may publish, by the name in its type `ringfence.command.<name>.v1`. */
export const publicCommands = named({
  place_call: placeCall,
  hang_up_call: hangUpCall,
  issue_key: issueKey,
  rotate_key: rotateKey,
  change_key_policy: changeKeyPolicy,
  revoke_key: revokeKey,
  register_signing_key: registerSigningKey,
  create_webhook_secret: createWebhookSecret,
  change_webhook_secret: changeWebhookSecret,
  delete_webhook_secret: deleteWebhookSecret,
  create_voice_app: createVoiceApp,
  change_voice_app: changeVoiceApp,
  delete_voice_app: deleteVoiceApp,
  create_ip_list: createIpList,
  change_ip_list: changeIpList,
  delete_ip_list: deleteIpList,
  create_sip_trunk: createSipTrunk,
  change_sip_trunk: changeSipTrunk,
  delete_sip_trunk: deleteSipTrunk,
  suspend_account: suspendAccount,
  set_account_limits: setAccountLimits,
  change_time_zone: changeTimeZone,
  erase_subject: eraseSubject,
  open_account: openAccount,
  resume_account: resumeAccount,
  verify_account: verifyAccount,
  add_credit: addCredit,
  open_number_range: openNumberRange,
  add_number: addNumber,
  rename_number: renameNumber,
  assign_numbers: assignNumbers,
  unassign_numbers: unassignNumbers,
  withdraw_number: withdrawNumber,
  mute_leg: muteLeg,
  send_digits: sendDigits,
  play_media: playMedia,
  simulate_inbound_call: simulateInboundCall,
});

/** Makes a command under another command's name a compile error. */
function named<Table extends { readonly [Name in keyof Table]: PublicCommand & { readonly name: Name } }>(
  table: Table,
): Table {
  return table;
}

export type PublicCommandName = keyof typeof publicCommands;
export const publicCommandNames = Object.keys(publicCommands) as readonly PublicCommandName[];

export type CommandBody<Name extends PublicCommandName> = BodyOf<(typeof publicCommands)[Name]['fields']>;
/** Result of an accepted command in the SDK. */
export type CommandResult<Name extends PublicCommandName> = ReturnType<(typeof publicCommands)[Name]['result']>;

const commandVersion = 1;
const typePattern = /^ringfence\.command\.([a-z]+(?:_[a-z]+)*)\.v([1-9]\d{0,3})$/;

export function commandTypeOf(name: PublicCommandName): string {
  return `${commandTypePrefix}${name}.v${String(commandVersion)}`;
}

/** @returns undefined: this release has no such command, or not in this version */
export function commandNameIn(type: string): PublicCommandName | undefined {
  const [, name = '', version = ''] = typePattern.exec(type) ?? [];
  return version === String(commandVersion) ? publicCommandNames.find((each) => each === name) : undefined;
}
