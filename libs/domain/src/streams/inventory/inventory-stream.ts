import { acceptAll, refuse, type Decision } from '@ringfence/kernel/decider';
import type { StreamModel } from '@ringfence/kernel/stream-model';
import type { EpochMs } from '@ringfence/kernel/units';
import { Map as ImmutableMap } from 'immutable';
import type { DomainCommand } from '../../command.js';
import { commandAuthority } from '../../command-authority.js';
import type { DomainEvent } from '../../domain-event.js';
import { addNumber, releaseNumber } from '../../inventory/inventory.decider.js';
import type { Refusal } from '../../refusals.js';
import { incremented, sumDueMs } from '../../rejections/refusal-aggregation.js';
import {
  aggregationKey,
  type CommandRejection,
  commandsCounted,
  evolveRejections,
} from '../../rejections/rejected-commands.js';
import { recordRejection, rejectedCommandOf, rejectUnauthorized } from '../../rejections/report-rejection.js';
import type { FireTimers } from '../../shared/values.js';
import { foreignToStream } from '../foreign-to-stream.js';
import {
  type ForeignEvent,
  type InventoryStreamCommand,
  type InventoryStreamEvent,
  isInventoryCommand,
} from './inventory-messages.js';
import { restoreInventory, snapshotInventory } from './inventory-snapshot.js';
import { allocated, type InventoryState, noAllocations, released } from './inventory-state.js';

const stream = 'the inventory';
type InventoryDecision = Decision<InventoryStreamEvent, Refusal>;

/** Model of the inventory's stream. Commands and events of other streams are a bug of ours, and reported. */
export const inventoryModel = {
  initialState: { ...noAllocations, rejections: ImmutableMap() },
  decide,
  evolve,
  afterRefusal,
  evolveVersion: 1,
  nextDueMs,
  snapshot: snapshotInventory,
  restore: restoreInventory,
  size: (state) => state.allocations.size + state.rejections.size,
} satisfies StreamModel<InventoryState, DomainCommand, DomainEvent, Refusal>;

/** The refusal of a command whose principal is no operator, with the record of it. */
export function inventoryUnauthorized(
  command: DomainCommand,
  { rejections }: InventoryState,
  refusal: Refusal,
): Extract<InventoryDecision, { accepted: false }> {
  return rejectUnauthorized(command, rejections, refusal);
}

/** The state after a command without authority, before its events are applied. */
export function afterInventoryUnauthorized(
  command: DomainCommand,
  state: InventoryState,
  refusal: Refusal,
): InventoryState {
  const rejected = rejectedCommandOf(command, refusal);
  return rejected === undefined ? state : withRejectionCounted(state, rejected, command.nowMs);
}

function decide(command: DomainCommand, state: InventoryState): InventoryDecision {
  if (!isInventoryCommand(command)) return foreignToStream(command.type, stream);
  const refusal = authorizationRefusal(command);
  if (refusal !== undefined) return inventoryUnauthorized(command, state, refusal);
  switch (command.type) {
    case 'AddNumber':
      return addNumber(command, state);
    case 'ReleaseNumber':
      return releaseNumber(command, state);
    case 'TurnAwayCommand':
      return recordRejection(command, state.rejections);
    case 'ActOnTime':
      return fireTimers(command, state);
  }
}

/**
 * Refusal of a principal that may not issue the command; undefined: it may. The lane has checked an operator's key,
 * which belongs to the platform's stream; what workers and timers may do, each decision says itself.
 */
function authorizationRefusal({ type, principal }: InventoryStreamCommand): Refusal | undefined {
  if (principal.kind === 'key')
    return principal.home === 'platform' && commandAuthority[type].platform
      ? undefined
      : { code: 'presenter_not_allowed', detail: 'Only an operator may do this.' };
  if (type === 'AddNumber' && principal.kind !== 'operator')
    return { code: 'presenter_not_allowed', detail: 'Only an operator may do this.' };
  return undefined;
}

/** Records the counts of completed seconds. */
function fireTimers({ nowMs, principal }: FireTimers, { rejections }: InventoryState): InventoryDecision {
  if (principal.kind !== 'timer')
    return refuse({ code: 'presenter_not_allowed', detail: 'Time acts through the lane alone.' });
  const isDue = (dueMs: EpochMs | null) => dueMs !== null && dueMs <= nowMs;
  const counted = [...rejections.values()].filter((sum) => isDue(sumDueMs(sum)));
  return counted.length === 0
    ? refuse({ code: 'nothing_due', detail: 'No timer of the inventory is due.' })
    : acceptAll<InventoryStreamEvent>(counted.map((sum) => commandsCounted(sum, nowMs)));
}

function nextDueMs({ rejections }: InventoryState): EpochMs | null {
  let earliest: EpochMs | null = null;
  for (const dueMs of rejections.map(sumDueMs).values())
    if (dueMs !== null && (earliest === null || dueMs < earliest)) earliest = dueMs;
  return earliest;
}

function afterRefusal(command: DomainCommand, state: InventoryState, refusal: Refusal): InventoryState {
  if (!isInventoryCommand(command)) return foreignToStream(command.type, stream);
  if (command.type === 'TurnAwayCommand')
    return refusal.code === 'turning_away_counted' ? withRejectionCounted(state, command, command.nowMs) : state;
  return authorizationRefusal(command)?.code === refusal.code
    ? afterInventoryUnauthorized(command, state, refusal)
    : state;
}

function withRejectionCounted(
  state: InventoryState,
  rejected: Pick<CommandRejection, 'presentedKeyId' | 'code' | 'count'>,
  nowMs: EpochMs,
): InventoryState {
  const alike = aggregationKey(state.rejections, rejected, nowMs);
  return { ...state, rejections: incremented(state.rejections, alike, rejected.count, nowMs) };
}

function evolve(state: InventoryState, event: DomainEvent): InventoryState {
  switch (event.type) {
    case 'NumberAdded':
      return { ...state, ...allocated(state, event) };
    case 'NumberReleased':
      return { ...state, ...released(state, event) };
    case 'CommandTurnedAway':
    case 'CommandsTurnedAwayCounted':
      return { ...state, rejections: evolveRejections(state.rejections, event) };
    default:
      // A new event of this stream does not compile until it has a case.
      return foreignToStream((event satisfies ForeignEvent).type, stream);
  }
}
