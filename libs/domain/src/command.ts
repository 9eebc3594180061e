import type { AccountCommand } from './accounts/account.commands.js';
import type { AppCommand } from './apps/voice-app.commands.js';
import type { TurnAwayCommand } from './rejections/rejection.commands.js';
import type { CallCommand } from './calls/call.commands.js';
import type { InventoryCommand } from './inventory/inventory.commands.js';
import type { KeyCommand } from './keys/key.commands.js';
import type { NumberCommand } from './numbers/number.commands.js';
import type { PlatformCommand } from './platform/platform.commands.js';
import type { FireTimers } from './shared/values.js';
import type { TrunkCommand } from './trunks/trunk.commands.js';
import type { WebhookCommand } from './webhooks/webhook.commands.js';

/** All commands in the form in which they are decided, with the metadata that the lane adds. */
export type DomainCommand =
  | AccountCommand
  | KeyCommand
  | CallCommand
  | WebhookCommand
  | AppCommand
  | TrunkCommand
  | NumberCommand
  | InventoryCommand
  | PlatformCommand
  | TurnAwayCommand
  | FireTimers;
export type DomainCommandType = DomainCommand['type'];
