import type { DomainCommand } from '../../command.js';
import type { DomainEvent } from '../../domain-event.js';
import type { InventoryCommand } from '../../inventory/inventory.commands.js';
import type { InventoryEvent } from '../../inventory/inventory.events.js';
import type { TurnAwayCommand } from '../../rejections/rejection.commands.js';
import type { RejectionEvent } from '../../rejections/rejection.events.js';
import type { FireTimers } from '../../shared/values.js';

export type InventoryStreamCommand = InventoryCommand | TurnAwayCommand | FireTimers;
export type InventoryStreamEvent = InventoryEvent | RejectionEvent;
/** An event of another stream. */
export type ForeignEvent = Exclude<DomainEvent, InventoryStreamEvent>;

/** Every type of command. A new one does not compile until it is listed. */
const commandTypes: Readonly<Record<InventoryStreamCommand['type'], true>> = {
  AddNumber: true,
  ReleaseNumber: true,
  TurnAwayCommand: true,
  ActOnTime: true,
};

/** Says whether the inventory's stream decides the command. */
export function isInventoryCommand(command: DomainCommand): command is InventoryStreamCommand {
  return Object.hasOwn(commandTypes, command.type);
}
