import type { RateQuote } from '@ringfence/domain/billing/rating/rate-quote';
import type { CalledDestination } from '@ringfence/domain/calls/call.events';
import type { RouteCandidate } from '@ringfence/domain/routing/routes';
import { numberKinds } from '@ringfence/domain/limits/numbering-plan';
import type { Upcaster } from './catalogue.js';
import { count, duration, id, microsAmount, nullable, objectOf, oneOf, text } from './shape.js';

/** The price that a call runs at. */
export const rateQuote = objectOf<RateQuote>({
  deckId: id('deck'),
  deckVersion: count,
  prefix: text('prefixDigits'),
  country: text('country'),
  connectFeeMicros: microsAmount,
  perMinuteMicros: microsAmount,
  minimumMs: duration,
  incrementMs: duration,
});

/** What the numbering data said of the number that is called. */
export const calledDestination = objectOf<CalledDestination>({
  territory: nullable(text('country')),
  kind: oneOf(numberKinds),
  plan: text('label'),
  openedRange: nullable(text('prefixDigits')),
});

/** A trunk that can take a call. */
export const routeCandidate = objectOf<RouteCandidate>({
  trunk: text('label'),
  tier: oneOf(['premium', 'standard']),
  rank: count,
});

export const recordedDay = { localDay: text('localDay'), zoneData: nullable(text('label')) };
export const dayOfRefusal = { localDay: nullable(text('localDay')), zoneData: nullable(text('label')) };
/** A day whose zone data nobody had written down. */
export const withoutZoneData: Upcaster = (data) => ({ ...data, zoneData: null });
/** Refusals told of no day. */
export const withoutDay: Upcaster = (data) => ({ ...data, localDay: null, zoneData: null });
