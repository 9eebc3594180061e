import { accept, refuse, type Decision } from '@ringfence/kernel/decider';
import type { StreamModel } from '@ringfence/kernel/stream-model';
import type { EpochMs } from '@ringfence/kernel/units';
import { Map as ImmutableMap } from 'immutable';
import type { DomainCommand } from '../../command.js';
import type { DomainEvent } from '../../domain-event.js';
import { sumDueMs, incremented } from '../../rejections/refusal-aggregation.js';
import { rejectUnauthorized, recordRejection, rejectedCommandOf } from '../../rejections/report-rejection.js';
import {
  aggregationKey,
  commandsCounted,
  evolveRejections,
  type CommandRejection,
} from '../../rejections/rejected-commands.js';
import type { KeyCommand, KeyLifeCommand } from '../../keys/key.commands.js';
import { keyDecider } from '../../keys/key.decider.js';
import { unissuedKey, type KeyState } from '../../keys/key-state.js';
import type { Refusal } from '../../refusals.js';
import { openLog, openNumberRange, publishRateDeck } from '../../platform/platform.decider.js';
import { foreignToStream } from '../foreign-to-stream.js';
import { platformAuthorizationRefusal } from './platform-authorization.js';
import {
  type ForeignEvent,
  isPlatformCommand,
  type PlatformStreamCommand,
  type PlatformStreamEvent,
} from './platform-messages.js';
import type { PlatformState } from './platform-state.js';
import { restorePlatform, snapshotPlatform } from './platform-snapshot.js';
import type { FireTimers } from '../../shared/values.js';

const stream = 'the platform';
type PlatformDecision = Decision<PlatformStreamEvent, Refusal>;

/** Model of the platform's stream. Commands and events of other streams are a bug of ours, and reported. */
export const platformModel = {
  initialState: {
    log: null,
    keys: ImmutableMap(),
    decks: ImmutableMap(),
    openedRanges: [],
    rejections: ImmutableMap(),
  },
  decide,
  evolve,
  afterRefusal,
  evolveVersion: 3,
  nextDueMs,
  snapshot: snapshotPlatform,
  restore: restorePlatform,
  size: (state) => state.keys.size + state.decks.size + state.openedRanges.length + state.rejections.size,
} satisfies StreamModel<PlatformState, DomainCommand, DomainEvent, Refusal>;

function decide(command: DomainCommand, state: PlatformState): PlatformDecision {
  if (!isPlatformCommand(command)) return foreignToStream(command.type, stream);
  if (command.type === 'TurnAwayCommand') return recordRejection(command, state.rejections);
  const refusal = platformAuthorizationRefusal(command, state);
  if (refusal !== undefined) return rejectUnauthorized(command, state.rejections, refusal);
  switch (command.type) {
    case 'OpenLog':
      return openLog(command, state);
    case 'PublishRateDeck':
      return publishRateDeck(command, state);
    case 'OpenNumberRange':
      return openNumberRange(command);
    case 'ActOnTime':
      return fireTimers(command, state);
    case 'IssueKey':
    case 'RegisterSigningKey':
    case 'RotateKey':
    case 'ChangeKeyPolicy':
    case 'RevokeKey':
      if (command.accountId !== null)
        return refuse({ code: 'account_mismatch', detail: "This is an account's key, not an operator's." });
      return keyDecider.decide(lifeCommand(command), state.keys.get(command.keyId) ?? unissuedKey);
  }
}

/** Completes a command about an operator's key, which never has a parent. */
function lifeCommand(command: KeyCommand): KeyLifeCommand {
  return command.type === 'IssueKey' || command.type === 'RegisterSigningKey'
    ? { ...command, parentKeyId: null }
    : command;
}

/** Ends expired overlaps and records the counts of completed seconds. */
function fireTimers({ nowMs }: FireTimers, state: PlatformState): PlatformDecision {
  const isDue = (dueMs: EpochMs | null) => dueMs !== null && dueMs <= nowMs;
  const overlaps = [...state.keys.values()].filter((key) => isDue(overlapEnd(key)));
  const sums = [...state.rejections.values()].filter((sum) => isDue(sumDueMs(sum)));
  const [first, ...rest]: readonly PlatformStreamEvent[] = [
    ...overlaps.map(({ keyId }) => ({ type: 'KeyOverlapEnded', keyId, endedAtMs: nowMs }) as const),
    ...sums.map((sum) => commandsCounted(sum, nowMs)),
  ];
  return first === undefined
    ? refuse({ code: 'nothing_due', detail: 'No timer of the platform is due.' })
    : accept(first, ...rest);
}

function nextDueMs(state: PlatformState): EpochMs | null {
  let earliest: EpochMs | null = null;
  for (const dueMs of [...state.keys.map(overlapEnd).values(), ...state.rejections.map(sumDueMs).values()]) {
    if (dueMs !== null && (earliest === null || dueMs < earliest)) earliest = dueMs;
  }
  return earliest;
}

function overlapEnd(key: KeyState): EpochMs | null {
  return key.status === 'active' ? key.overlapUntilMs : null;
}

function afterRefusal(command: DomainCommand, state: PlatformState, refusal: Refusal): PlatformState {
  if (!isPlatformCommand(command)) return foreignToStream(command.type, stream);
  const rejected = rejectedIn(command, state, refusal);
  if (rejected === undefined) return state;
  const alike = aggregationKey(state.rejections, rejected, command.nowMs);
  return { ...state, rejections: incremented(state.rejections, alike, rejected.count, command.nowMs) };
}

function rejectedIn(
  command: PlatformStreamCommand,
  state: PlatformState,
  refusal: Refusal,
): Pick<CommandRejection, 'presentedKeyId' | 'code' | 'count'> | undefined {
  if (command.type === 'TurnAwayCommand') return refusal.code === 'turning_away_counted' ? command : undefined;
  return platformAuthorizationRefusal(command, state)?.code === refusal.code
    ? rejectedCommandOf(command, refusal)
    : undefined;
}

function evolve(state: PlatformState, event: DomainEvent): PlatformState {
  switch (event.type) {
    case 'LogOpened':
      return { ...state, log: { logId: event.logId, laneCount: event.laneCount } };
    case 'CommandTurnedAway':
    case 'CommandsTurnedAwayCounted':
      return { ...state, rejections: evolveRejections(state.rejections, event) };
    case 'RateDeckPublished': {
      const { type: _, ...deck } = event;
      return { ...state, decks: state.decks.set(event.deckId, deck) };
    }
    case 'NumberRangeOpened': {
      const { type: _type, openedAtMs: _openedAtMs, ...range } = event;
      return { ...state, openedRanges: [...state.openedRanges, range] };
    }
    case 'KeyIssued':
    case 'SigningKeyRegistered':
    case 'KeyRotated':
    case 'KeyPolicyChanged':
    case 'KeyRevoked':
    case 'KeyOverlapEnded': {
      const key = keyDecider.evolve(state.keys.get(event.keyId) ?? unissuedKey, event);
      return key.status === 'unissued' ? state : { ...state, keys: state.keys.set(event.keyId, key) };
    }
    default:
      // A new event of this stream does not compile until it has a case.
      return foreignToStream((event satisfies ForeignEvent).type, stream);
  }
}
