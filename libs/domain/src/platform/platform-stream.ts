import { accept, refuse, type Decision } from '@ringfence/kernel/decider';
import type { KeyId } from '@ringfence/kernel/ids';
import type { StreamModel } from '@ringfence/kernel/stream-model';
import type { EpochMs } from '@ringfence/kernel/units';
import { Map as ImmutableMap } from 'immutable';
import { commandAuthority } from '../command-authority.js';
import type { KeyCommand } from '../keys/key.commands.js';
import { keyDecider } from '../keys/key.decider.js';
import type { KeyEvent } from '../keys/key.events.js';
import { unissuedKey, whyNot } from '../keys/key-state.js';
import type { Scope } from '../keys/scopes.js';
import type { Refusal } from '../refusals.js';
import type { OpenLog, PlatformCommand, PublishRateDeck } from './platform.commands.js';
import type { PlatformEvent } from './platform.events.js';
import type { PlatformState } from './platform-state.js';
import { restorePlatform, snapshotPlatform } from './platform-snapshot.js';
import type { ActOnTime } from './values.js';

export type PlatformStreamCommand = PlatformCommand | KeyCommand | ActOnTime;
export type PlatformStreamEvent = PlatformEvent | KeyEvent;
type PlatformDecision = Decision<PlatformStreamEvent, Refusal>;

export const platformStream: StreamModel<PlatformState, PlatformStreamCommand, PlatformStreamEvent, Refusal> = {
  initialState: { log: null, keys: ImmutableMap(), decks: ImmutableMap() },
  decide,
  evolve,
  afterRefusal: (_command, state) => state,
  evolveVersion: 1,
  nextDueMs,
  snapshot: snapshotPlatform,
  restore: restorePlatform,
  size: (state) => state.keys.size + state.decks.size,
};

/** Why an operator's key may not do what needs `scope`; undefined: it may. */
export function operatorRefusal(state: PlatformState, keyId: KeyId, scope: Scope, nowMs: EpochMs): Refusal | undefined {
  const code = whyNot(state.keys.get(keyId) ?? unissuedKey, scope, nowMs);
  return code === undefined
    ? undefined
    : { code, detail: `The operator's key cannot be used for this: it needs to be in force and have ${scope}.` };
}

function decide(command: PlatformStreamCommand, state: PlatformState): PlatformDecision {
  const refusal = mayNot(command, state);
  if (refusal !== undefined) return refuse(refusal);
  switch (command.type) {
    case 'OpenLog':
      return openLog(command, state);
    case 'PublishRateDeck':
      return publish(command, state);
    case 'ActOnTime':
      return endOverlaps(command, state);
    case 'IssueKey':
    case 'RotateKey':
    case 'ChangeKeyPolicy':
    case 'RevokeKey':
      if (command.accountId !== null)
        return refuse({ code: 'account_mismatch', detail: "This is an account's key, not an operator's." });
      return keyDecider.decide(command, state.keys.get(command.keyId) ?? unissuedKey);
  }
}

function mayNot(command: PlatformStreamCommand, state: PlatformState): Refusal | undefined {
  const { by, type } = command;
  if (type === 'ActOnTime') return by.kind === 'timer' ? undefined : notAllowed;
  if (by.kind === 'operator') return undefined;
  if (by.kind !== 'key' || by.home !== 'platform') return notAllowed;
  const { scope } = commandAuthority[type];
  if (scope === null) return notAllowed;
  return (
    operatorRefusal(state, by.keyId, scope, command.nowMs) ??
    operatorRefusal(state, by.keyId, 'accounts:admin', command.nowMs)
  );
}

const notAllowed: Refusal = { code: 'presenter_not_allowed', detail: 'Only an operator may wish for this.' };

function openLog({ logId, laneCount, nowMs }: OpenLog, state: PlatformState): PlatformDecision {
  if (state.log !== null) return refuse({ code: 'log_already_open', detail: `The log is ${state.log.logId}.` });
  return accept<PlatformStreamEvent>({ type: 'LogOpened', logId, laneCount, openedAtMs: nowMs });
}

function publish(command: PublishRateDeck, state: PlatformState): PlatformDecision {
  const { deckId, currency, rowCount, rowsSha256, effectiveFromMs } = command;
  if (state.decks.has(deckId))
    return refuse({
      code: 'deck_already_published',
      detail: `Deck ${deckId} was published; a new price list has a new id.`,
    });
  const deckVersion = 1 + state.decks.filter((deck) => deck.currency === currency).size;
  return accept<PlatformStreamEvent>({
    type: 'RateDeckPublished',
    deckId,
    deckVersion,
    currency,
    rowCount,
    rowsSha256,
    effectiveFromMs,
  });
}

function endOverlaps({ nowMs }: ActOnTime, state: PlatformState): PlatformDecision {
  const due = [...state.keys.values()].filter(
    (key) => key.status === 'active' && key.overlapUntilMs !== null && key.overlapUntilMs <= nowMs,
  );
  const [first, ...rest] = due.map(({ keyId }): PlatformStreamEvent => ({
    type: 'KeyOverlapEnded',
    keyId,
    endedAtMs: nowMs,
  }));
  return first === undefined
    ? refuse({ code: 'nothing_due', detail: 'No timer of the platform is due.' })
    : accept(first, ...rest);
}

function nextDueMs(state: PlatformState): EpochMs | null {
  let earliest: EpochMs | null = null;
  for (const key of state.keys.values()) {
    if (key.status !== 'active' || key.overlapUntilMs === null) continue;
    if (earliest === null || key.overlapUntilMs < earliest) earliest = key.overlapUntilMs;
  }
  return earliest;
}

function evolve(state: PlatformState, event: PlatformStreamEvent): PlatformState {
  switch (event.type) {
    case 'LogOpened':
      return { ...state, log: { logId: event.logId, laneCount: event.laneCount } };
    case 'RateDeckPublished': {
      const { type: _, ...deck } = event;
      return { ...state, decks: state.decks.set(event.deckId, deck) };
    }
    case 'KeyIssued':
    case 'KeyRotated':
    case 'KeyPolicyChanged':
    case 'KeyRevoked':
    case 'KeyOverlapEnded': {
      const key = keyDecider.evolve(state.keys.get(event.keyId) ?? unissuedKey, event);
      return key.status === 'unissued' ? state : { ...state, keys: state.keys.set(event.keyId, key) };
    }
  }
}
