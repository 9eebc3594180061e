import type { AccountCommand } from '../../accounts/account.commands.js';
import type { AppCommand } from '../../apps/voice-app.commands.js';
import type { CallCommand, CallReport } from '../../calls/call.commands.js';
import type { KeyCommand } from '../../keys/key.commands.js';
import type { NumberCommand } from '../../numbers/number.commands.js';
import type { TurnAwayCommand } from '../../rejections/rejection.commands.js';
import type { FireTimers } from '../../shared/values.js';
import type { TrunkCommand } from '../../trunks/trunk.commands.js';
import type { WebhookCommand } from '../../webhooks/webhook.commands.js';

/** The commands that an account's stream decides. */
export type AccountStreamCommand =
  | AccountCommand
  | KeyCommand
  | CallCommand
  | NumberCommand
  | WebhookCommand
  | AppCommand
  | TrunkCommand
  | TurnAwayCommand
  | FireTimers;

/** Commands of operators and keys, except PlaceCall, which has its own order of checks. */
export type KeyedCommand = Exclude<
  AccountStreamCommand,
  {
    readonly type:
      'PlaceCall' | CallReport['type'] | 'RecordDeliveryFailure' | 'ReceiveNumber' | 'TurnAwayCommand' | 'ActOnTime';
  }
>;
