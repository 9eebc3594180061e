import { refuse, type Decision } from '@ringfence/kernel/decider';
import {
  hangUp,
  muteLeg,
  playMedia,
  receiveCall,
  recordActionEnd,
  recordFlowReply,
  recordPlaybackEnd,
  recordProgress,
  sendDigits,
} from '../../calls/call.decider.js';
import { placeCall } from '../../calls/place-call.js';
import type { DomainCommand } from '../../command.js';
import type { Refusal } from '../../refusals.js';
import { foreignToStream } from '../foreign-to-stream.js';
import type { AccountStreamCommand, KeyedCommand } from './account-command.js';
import { accountAuthorizationRefusal } from './account-authorization.js';
import { reportRejection, commandUnauthorized } from './account-refusals.js';
import type { AccountState } from './account-state.js';
import { changeTimeZone } from './change-time-zone.js';
import { decideApp } from './decide-app.js';
import { decideKey } from './decide-key.js';
import { decideLife, eraseSubject, suspend } from './decide-life.js';
import { decideNumber, simulateInboundCall } from './decide-numbers.js';
import { fireTimers } from './fire-timers.js';
import { setAccountLimits } from './set-account-limits.js';
import type { AccountStreamEvent } from './slice.js';
import { decideTrunk } from './decide-trunk.js';
import { decideWebhook, recordDeliveryFailure } from './decide-webhook.js';

type CommandType = AccountStreamCommand['type'];
type Fields = { readonly [Command in AccountStreamCommand as Command['type']]: Omit<Command, 'type'> };
type CommandOf<Type extends CommandType> = {
  readonly [Each in Type]: { readonly type: Each } & Fields[Each];
}[Type];
type AccountDecision = Decision<AccountStreamEvent, Refusal>;
type Decide<Command> = (command: Command, state: AccountState) => AccountDecision;

/** Deciders by command. A new command does not compile until it has one. */
const decisions: { readonly [Type in CommandType]: Decide<CommandOf<Type>> } = {
  PlaceCall: placeCall, // its own order of checks begins with the key
  ReceiveCall: receiveCall,
  RecordCallProgress: recordProgress,
  RecordFlowReply: recordFlowReply,
  RecordActionEnd: recordActionEnd,
  RecordPlaybackEnd: recordPlaybackEnd,
  HangUpCall: authorized(hangUp),
  IssueKey: authorized(decideKey),
  RegisterSigningKey: authorized(decideKey),
  RotateKey: authorized(decideKey),
  ChangeKeyPolicy: authorized(decideKey),
  RevokeKey: authorized(decideKey),
  OpenAccount: authorized(decideLife),
  VerifyAccount: authorized(decideLife),
  SuspendAccount: authorized(suspend),
  ResumeAccount: authorized(decideLife),
  AddCredit: authorized(decideLife),
  SetAccountLimits: authorized(setAccountLimits),
  ChangeTimeZone: authorized(changeTimeZone),
  EraseSubject: authorized(eraseSubject),
  CreateWebhookSecret: authorized(decideWebhook),
  ChangeWebhookSecret: authorized(decideWebhook),
  DeleteWebhookSecret: authorized(decideWebhook),
  RecordDeliveryFailure: recordDeliveryFailure,
  CreateVoiceApp: authorized(decideApp),
  ChangeVoiceApp: authorized(decideApp),
  DeleteVoiceApp: authorized(decideApp),
  CreateIpList: authorized(decideTrunk),
  ChangeIpList: authorized(decideTrunk),
  DeleteIpList: authorized(decideTrunk),
  CreateSipTrunk: authorized(decideTrunk),
  ChangeSipTrunk: authorized(decideTrunk),
  DeleteSipTrunk: authorized(decideTrunk),
  ReceiveNumber: decideNumber,
  RenameNumber: authorized<CommandOf<'RenameNumber'>>(decideNumber),
  AssignNumbers: authorized<CommandOf<'AssignNumbers'>>(decideNumber),
  UnassignNumbers: authorized<CommandOf<'UnassignNumbers'>>(decideNumber),
  WithdrawNumber: authorized<CommandOf<'WithdrawNumber'>>(decideNumber),
  SimulateInboundCall: authorized(simulateInboundCall),
  TurnAwayCommand: reportRejection,
  ActOnTime: actOnTime,
  MuteLeg: authorized(muteLeg),
  SendDigits: authorized(sendDigits),
  PlayMedia: authorized(playMedia),
};

const commandTypes: ReadonlySet<string> = new Set(Object.keys(decisions));

/** Says whether an account's stream decides the command. */
export function isAccountCommand(command: DomainCommand): command is AccountStreamCommand {
  return commandTypes.has(command.type);
}

/** @throws BrokenInvariant on a command of another stream */
export function decideAccount(command: DomainCommand, state: AccountState): AccountDecision {
  return isAccountCommand(command) ? decideOwn(command, state) : foreignToStream(command.type, 'an account');
}

function decideOwn<Type extends CommandType>(command: CommandOf<Type>, state: AccountState): AccountDecision {
  const decision: Decide<CommandOf<Type>> = decisions[command.type];
  return decision(command, state);
}

/** Decides commands that the principal may issue; refuses and records the others. */
function authorized<Command extends KeyedCommand>(decideAllowed: Decide<Command>): Decide<Command> {
  return (command, state) => {
    const refusal = accountAuthorizationRefusal(command, state);
    return refusal === undefined ? decideAllowed(command, state) : commandUnauthorized(command, state, refusal);
  };
}

function actOnTime(command: CommandOf<'ActOnTime'>, state: AccountState): AccountDecision {
  return command.principal.kind === 'timer'
    ? fireTimers(command, state)
    : refuse({ code: 'presenter_not_allowed', detail: 'Time acts through the lane alone.' });
}
