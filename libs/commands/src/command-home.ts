import { type AccountId, platformStream, sharedStreams, type StreamId } from '@ringfence/kernel/ids';
import { commandDefinitions } from './command-definitions.js';
import type { CommandType } from './command-dispatcher.js';

/** The part of a command, as a payload or on the wire, that says which stream decides it. */
type Addressed = { readonly type: CommandType; readonly accountId?: AccountId | null };

/** Says whether a stream decides the command: its type's own, or that of the account that the command is about. */
export function isHomeOf(stream: StreamId, { type, accountId = null }: Addressed): boolean {
  const own = commandDefinitions[type].stream;
  if (own !== undefined) return stream === own;
  if (accountId !== null) return stream === accountId;
  // What was rejected is reported to the stream that it was sent to.
  const homes: readonly StreamId[] = type === 'TurnAwayCommand' ? sharedStreams : [platformStream];
  return homes.includes(stream);
}
