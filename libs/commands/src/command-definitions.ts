import { addCredit } from './accounts/add-credit.js';
import { changeTimeZone } from './accounts/change-time-zone.js';
import { eraseSubject } from './accounts/erase-subject.js';
import { openAccount } from './accounts/open-account.js';
import { resumeAccount } from './accounts/resume-account.js';
import { setAccountLimits } from './accounts/set-account-limits.js';
import { suspendAccount } from './accounts/suspend-account.js';
import { verifyAccount } from './accounts/verify-account.js';
import { changeVoiceApp } from './apps/change-voice-app.js';
import { createVoiceApp } from './apps/create-voice-app.js';
import { deleteVoiceApp } from './apps/delete-voice-app.js';
import { publishRateDeck } from './billing/publish-rate-deck.js';
import { hangUpCall } from './calls/hang-up-call.js';
import { placeCall } from './calls/place-call.js';
import { receiveCall } from './calls/receive-call.js';
import { recordActionEnd } from './calls/record-action-end.js';
import { recordCallProgress } from './calls/record-call-progress.js';
import { recordFlowReply } from './calls/record-flow-reply.js';
import type { CommandDefinition } from './command-definition.js';
import type { CommandPayloadOf, CommandType } from './command-dispatcher.js';
import { addNumber } from './inventory/add-number.js';
import { releaseNumber } from './inventory/release-number.js';
import { changeKeyPolicy } from './keys/change-key-policy.js';
import { issueKey } from './keys/issue-key.js';
import { registerSigningKey } from './keys/register-signing-key.js';
import { revokeKey } from './keys/revoke-key.js';
import { rotateKey } from './keys/rotate-key.js';
import { assignNumbers } from './numbers/assign-numbers.js';
import { openNumberRange } from './numbers/open-number-range.js';
import { receiveNumber } from './numbers/receive-number.js';
import { renameNumber } from './numbers/rename-number.js';
import { unassignNumbers } from './numbers/unassign-numbers.js';
import { withdrawNumber } from './numbers/withdraw-number.js';
import { turnAwayCommand } from './rejections/turn-away-command.js';
import { changeIpList } from './trunks/change-ip-list.js';
import { changeSipTrunk } from './trunks/change-sip-trunk.js';
import { createIpList } from './trunks/create-ip-list.js';
import { createSipTrunk } from './trunks/create-sip-trunk.js';
import { deleteIpList } from './trunks/delete-ip-list.js';
import { deleteSipTrunk } from './trunks/delete-sip-trunk.js';
import { changeWebhookSecret } from './webhooks/change-webhook-secret.js';
import { createWebhookSecret } from './webhooks/create-webhook-secret.js';
import { deleteWebhookSecret } from './webhooks/delete-webhook-secret.js';
import { recordDeliveryFailure } from './webhooks/record-delivery-failure.js';
import { muteLeg } from './calls/mute-leg.js';
import { sendDigits } from './calls/send-digits.js';
import { playMedia } from './calls/play-media.js';
import { recordPlaybackEnd } from './calls/record-playback-end.js';
import { simulateInboundCall } from './calls/simulate-inbound-call.js';

const definitions = {
  OpenAccount: openAccount,
  VerifyAccount: verifyAccount,
  SuspendAccount: suspendAccount,
  ResumeAccount: resumeAccount,
  SetAccountLimits: setAccountLimits,
  ChangeTimeZone: changeTimeZone,
  AddCredit: addCredit,
  EraseSubject: eraseSubject,
  IssueKey: issueKey,
  RegisterSigningKey: registerSigningKey,
  RotateKey: rotateKey,
  ChangeKeyPolicy: changeKeyPolicy,
  RevokeKey: revokeKey,
  PlaceCall: placeCall,
  HangUpCall: hangUpCall,
  ReceiveCall: receiveCall,
  RecordCallProgress: recordCallProgress,
  RecordFlowReply: recordFlowReply,
  RecordActionEnd: recordActionEnd,
  RecordPlaybackEnd: recordPlaybackEnd,
  CreateWebhookSecret: createWebhookSecret,
  ChangeWebhookSecret: changeWebhookSecret,
  DeleteWebhookSecret: deleteWebhookSecret,
  RecordDeliveryFailure: recordDeliveryFailure,
  CreateVoiceApp: createVoiceApp,
  ChangeVoiceApp: changeVoiceApp,
  DeleteVoiceApp: deleteVoiceApp,
  CreateIpList: createIpList,
  ChangeIpList: changeIpList,
  DeleteIpList: deleteIpList,
  CreateSipTrunk: createSipTrunk,
  ChangeSipTrunk: changeSipTrunk,
  DeleteSipTrunk: deleteSipTrunk,
  ReceiveNumber: receiveNumber,
  RenameNumber: renameNumber,
  AssignNumbers: assignNumbers,
  UnassignNumbers: unassignNumbers,
  WithdrawNumber: withdrawNumber,
  AddNumber: addNumber,
  ReleaseNumber: releaseNumber,
  TurnAwayCommand: turnAwayCommand,
  PublishRateDeck: publishRateDeck,
  OpenNumberRange: openNumberRange,
  MuteLeg: muteLeg,
  SendDigits: sendDigits,
  PlayMedia: playMedia,
  SimulateInboundCall: simulateInboundCall,
};

type WireForms = { readonly [Type in CommandType]: ReturnType<(typeof definitions)[Type]['form']['toWire']> };
/** A command's payload in its form between processes. */
export type WireCommand<Type extends CommandType = CommandType> = WireForms[Type];

/** The definitions of all commands. A command without one does not compile. */
export const commandDefinitions: {
  readonly [Type in CommandType]: CommandDefinition<CommandPayloadOf<Type>, WireForms[Type]>;
} = definitions;
