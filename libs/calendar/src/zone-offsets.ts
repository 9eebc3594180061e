import { epochMs, type EpochMs } from '@ringfence/kernel/units';

/** One week: no place changes its clocks forth and back in less. */
const weekMs = 604_800_000;
const secondMs = 1_000;

/**
 * Returns the offset of local time from UTC at that moment, in milliseconds; positive: ahead.
 * @throws RangeError on an unknown zone
 */
export function offsetIn(timeZone: string, atMs: EpochMs): number {
  const [, sign = '+', hours = '0', minutes = '0', seconds = '0'] =
    /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(formatFor(timeZone).format(atMs)) ?? [];
  const lengthMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * secondMs;
  return sign === '-' ? -lengthMs : lengthMs;
}

/**
 * Returns moments, in whole seconds, at which a different reading of the zone would show: one in each week, and both
 * sides of each change of its offset.
 */
export function instantsAround(timeZone: string, fromMs: EpochMs, toMs: EpochMs): readonly EpochMs[] {
  const instants: EpochMs[] = [];
  for (let [atMs, offset] = [fromMs, offsetIn(timeZone, fromMs)]; atMs < toMs;) {
    instants.push(atMs);
    const nextMs = epochMs(atMs + weekMs);
    const next = offsetIn(timeZone, nextMs);
    if (next !== offset) {
      const changeMs = changeBetween(timeZone, atMs, nextMs);
      instants.push(epochMs(changeMs - secondMs), changeMs);
    }
    [atMs, offset] = [nextMs, next];
  }
  return instants;
}

/** Finds the first second with another offset. */
function changeBetween(timeZone: string, fromMs: EpochMs, toMs: EpochMs): EpochMs {
  const before = offsetIn(timeZone, fromMs);
  let [low, high] = [fromMs / secondMs, toMs / secondMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetIn(timeZone, epochMs(middle * secondMs)) === before) low = middle;
    else high = middle;
  }
  return epochMs(high * secondMs);
}

let latest: { readonly timeZone: string; readonly format: Intl.DateTimeFormat } | undefined;

/** Returns the format of a zone, kept because callers need it for many moments in a row. */
function formatFor(timeZone: string): Intl.DateTimeFormat {
  if (latest?.timeZone === timeZone) return latest.format;
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  latest = { timeZone, format };
  return format;
}
