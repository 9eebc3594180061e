import type { CallRow } from '@ringfence/read-models/calls/call-rows';
import { amount, currencyCode, id, type JsonSchema, object, text, whole } from '../edge/json-schema.js';

/** The price of a call, fixed when it was placed. */
export function rateBody({ rate }: Pick<CallRow, 'rate'>, currency: string): object {
  return {
    deck_id: rate.deckId,
    deck_version: rate.deckVersion,
    prefix: rate.prefix,
    country: rate.country,
    currency,
    connect_fee_micros: String(rate.connectFeeMicros),
    per_minute_micros: String(rate.perMinuteMicros),
    minimum_ms: rate.minimumMs,
    increment_ms: rate.incrementMs,
  };
}

/** The charge of an ended call and how it was calculated; null: the call has not ended. */
export function chargeBody(row: CallRow, currency: string): object | null {
  const { chargedMicros, billedMs, talkTimeMs, rate } = row;
  if (chargedMicros === null || billedMs === null || talkTimeMs === null) return null;
  const connectFeeMicros = talkTimeMs === 0 ? 0n : rate.connectFeeMicros;
  return {
    amount_micros: String(chargedMicros),
    currency,
    talk_time_ms: talkTimeMs,
    billed_ms: billedMs,
    connect_fee_micros: String(connectFeeMicros),
    time_micros: String(chargedMicros - connectFeeMicros),
    calculation: calculationOf(row),
  };
}

/** The calculation in words; the rules are those of libs/domain/src/billing/rating. */
function calculationOf({ chargedMicros, billedMs, talkTimeMs, rate }: CallRow): string {
  if (talkTimeMs === 0) return 'It was never answered, so nothing is charged.';
  const { connectFeeMicros, perMinuteMicros, minimumMs, incrementMs } = rate;
  return (
    `${String(talkTimeMs)} ms of talk, at least ${String(minimumMs)} ms, in started steps of ${String(incrementMs)} ms: ` +
    `${String(billedMs)} ms billed. ${String(billedMs)} ms at ${String(perMinuteMicros)} micros a minute, rounded up, ` +
    `plus ${String(connectFeeMicros)} micros to connect: ${String(chargedMicros)} micros.`
  );
}

export const rateSchema = object(
  {
    deck_id: id('deck'),
    deck_version: whole,
    prefix: text,
    country: text,
    currency: currencyCode,
    connect_fee_micros: amount,
    per_minute_micros: amount,
    minimum_ms: whole,
    increment_ms: whole,
  },
  'A price: the longest prefix of the number in the deck that was in force.',
);
export const chargeSchema: JsonSchema = {
  oneOf: [
    { type: 'null' },
    object({
      amount_micros: amount,
      currency: currencyCode,
      talk_time_ms: whole,
      billed_ms: whole,
      connect_fee_micros: amount,
      time_micros: amount,
      calculation: text,
    }),
  ],
  description: 'What an ended call cost, and how that came about; null until it has ended.',
};
