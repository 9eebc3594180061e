import { accept, refuse, type Decision } from '@ringfence/kernel/decider';
import type { DeckId, LogId } from '@ringfence/kernel/ids';
import type { Map as ImmutableMap } from 'immutable';
import { isCurrency } from '../billing/currencies.js';
import { territoryPattern } from '../limits/numbering-plan.js';
import type { Refusal } from '../refusals.js';
import type { OpenLog, OpenNumberRange, PublishRateDeck } from './platform.commands.js';
import type { PlatformEvent } from './platform.events.js';

type PlatformDecision = Decision<PlatformEvent, Refusal>;
type LogView = { readonly log: { readonly logId: LogId } | null };
type DecksView = { readonly decks: ImmutableMap<DeckId, { readonly currency: string }> };

export function openLog({ logId, laneCount, nowMs }: OpenLog, { log }: LogView): PlatformDecision {
  if (log !== null) return refuse({ code: 'log_already_open', detail: `The log is ${log.logId}.` });
  return accept<PlatformEvent>({ type: 'LogOpened', logId, laneCount, openedAtMs: nowMs });
}

export function publishRateDeck(command: PublishRateDeck, { decks }: DecksView): PlatformDecision {
  const { deckId, currency, rowCount, rowsSha256, effectiveFromMs } = command;
  if (decks.has(deckId))
    return refuse({
      code: 'deck_already_published',
      detail: `Deck ${deckId} was published; a new price list has a new id.`,
    });
  if (!isCurrency(currency))
    return refuse({ code: 'currency_invalid', detail: 'The currency of a deck is a code of ISO 4217, such as USD.' });
  const deckVersion = 1 + decks.filter((deck) => deck.currency === currency).size;
  return accept<PlatformEvent>({
    type: 'RateDeckPublished',
    deckId,
    deckVersion,
    currency,
    rowCount,
    rowsSha256,
    effectiveFromMs,
  });
}

export function openNumberRange({ prefix, territory, kind, nowMs, ...period }: OpenNumberRange): PlatformDecision {
  const effectiveFromMs = period.effectiveFromMs ?? nowMs;
  const { effectiveUntilMs } = period;
  const invalid = (detail: string) => refuse({ code: 'number_range_invalid', detail } as const);
  if (!/^[1-9]\d{0,14}$/.test(prefix)) return invalid('prefix: 1 to 15 digits without +, the first of them no 0.');
  if (territory !== null && !territoryPattern.test(territory)) return invalid('territory: two letters, such as US.');
  if (effectiveFromMs < nowMs) return invalid('effective_from: now, by leaving it out, or a moment to come.');
  if (effectiveUntilMs !== null && effectiveUntilMs <= effectiveFromMs)
    return invalid('effective_until: a moment after effective_from.');
  return accept<PlatformEvent>({
    type: 'NumberRangeOpened',
    prefix,
    territory,
    kind,
    effectiveFromMs,
    effectiveUntilMs,
    openedAtMs: nowMs,
  });
}
