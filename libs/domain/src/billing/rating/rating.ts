import {
  addMicros,
  durationMs,
  micros,
  prorateMicrosCeil,
  zeroMicros,
  type DurationMs,
  type Micros,
} from '@ringfence/kernel/units';
import type { RateQuote } from './rate-quote.js';

const minuteMs = 60_000n;

/**
 * Talk time as charged: at least the minimum, then in steps of the increment; a started step is charged in full. Zero
 * stays zero.
 */
export function billedMs(rate: RateQuote, talkTimeMs: DurationMs): DurationMs {
  if (talkTimeMs === 0) return talkTimeMs;
  const atLeast = Math.max(talkTimeMs, rate.minimumMs);
  return durationMs(Math.ceil(atLeast / rate.incrementMs) * rate.incrementMs);
}

/**
 * Price of talk time: the connect fee and the billed time at the price of a minute, rounded up to a micro-unit. No talk
 * costs nothing.
 */
export function priceOf(rate: RateQuote, talkTimeMs: DurationMs): Micros {
  if (talkTimeMs === 0) return zeroMicros;
  return addMicros(
    rate.connectFeeMicros,
    prorateMicrosCeil(rate.perMinuteMicros, BigInt(billedMs(rate, talkTimeMs)), minuteMs),
  );
}

/**
 * The longest talk time, at most `requestedMs`, whose price is within `budgetMicros`, rounded down to whole increments;
 * undefined when the budget does not cover the minimum charge.
 */
export function affordableMs(rate: RateQuote, budgetMicros: Micros, requestedMs: DurationMs): DurationMs | undefined {
  if (priceOf(rate, requestedMs) <= budgetMicros) return requestedMs;
  const forTime = budgetMicros - rate.connectFeeMicros;
  if (forTime <= 0n || rate.perMinuteMicros === zeroMicros) return undefined;
  const increment = BigInt(rate.incrementMs);
  const steps = (forTime * minuteMs) / rate.perMinuteMicros / increment;
  const longest = micros(steps * increment);
  if (longest < BigInt(Math.max(rate.minimumMs, rate.incrementMs))) return undefined;
  return durationMs(Number.parseInt(longest.toString(), 10));
}
