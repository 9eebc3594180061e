import { addMicros, micros, zeroMicros, type LocalDay, type Micros } from '@ringfence/kernel/units';

/** Cost of the calls of one key, or of one mode of an account, on one local day, reservations included. */
export type DailySpend = { readonly day: LocalDay; readonly spentMicros: Micros } | null;

export function spentOn(spend: DailySpend, day: LocalDay): Micros {
  return spend?.day === day ? spend.spentMicros : zeroMicros;
}

/** Returns what may still be spent on that day under this limit; null: there is no limit. */
export function leftToSpend(maxMicros: Micros | null, spend: DailySpend, day: LocalDay): Micros | null {
  if (maxMicros === null) return null;
  const left = maxMicros - spentOn(spend, day);
  return left > 0n ? micros(left) : zeroMicros;
}

/** Adds a reservation. Days never go back: one for an earlier day than the one counted changes nothing. */
export function afterReservation(spend: DailySpend, day: LocalDay, amountMicros: Micros): DailySpend {
  if (spend !== null && spend.day > day) return spend;
  return { day, spentMicros: addMicros(spentOn(spend, day), amountMicros) };
}

/** Subtracts a release if the counted day is the one it was reserved on; never goes below zero. */
export function afterRelease(spend: DailySpend, day: LocalDay, amountMicros: Micros): DailySpend {
  if (spend?.day !== day) return spend;
  const left = spend.spentMicros - amountMicros;
  return { day, spentMicros: left > 0n ? micros(left) : zeroMicros };
}
