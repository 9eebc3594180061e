import type { DomainCommand } from '../../command.js';
import type { DomainEvent } from '../../domain-event.js';
import type { KeyCommand } from '../../keys/key.commands.js';
import type { KeyEvent } from '../../keys/key.events.js';
import type { PlatformCommand } from '../../platform/platform.commands.js';
import type { PlatformEvent } from '../../platform/platform.events.js';
import type { TurnAwayCommand } from '../../rejections/rejection.commands.js';
import type { RejectionEvent } from '../../rejections/rejection.events.js';
import type { FireTimers } from '../../shared/values.js';

export type PlatformStreamCommand = PlatformCommand | KeyCommand | TurnAwayCommand | FireTimers;
export type PlatformStreamEvent = PlatformEvent | KeyEvent | RejectionEvent;
/** An event of another stream. */
export type ForeignEvent = Exclude<DomainEvent, PlatformStreamEvent>;

/** Every type of command. A new one does not compile until it is listed. */
const commandTypes: Readonly<Record<PlatformStreamCommand['type'], true>> = {
  OpenLog: true,
  PublishRateDeck: true,
  OpenNumberRange: true,
  IssueKey: true,
  RegisterSigningKey: true,
  RotateKey: true,
  ChangeKeyPolicy: true,
  RevokeKey: true,
  TurnAwayCommand: true,
  ActOnTime: true,
};

/** Says whether the platform's stream decides the command. */
export function isPlatformCommand(command: DomainCommand): command is PlatformStreamCommand {
  return Object.hasOwn(commandTypes, command.type);
}
