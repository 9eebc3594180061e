/** 1_234_500n → `1.2345`; at least two places, never a float. */
export function amountText(amountMicros: bigint): string {
  const sign = amountMicros < 0n ? '-' : '';
  const size = amountMicros < 0n ? -amountMicros : amountMicros;
  const fraction = (size % 1_000_000n)
    .toString()
    .padStart(6, '0')
    .replace(/0{1,4}$/, '');
  return `${sign}${String(size / 1_000_000n)}.${fraction}`;
}

/** 83_400 → `1 min 23.4 s`. */
export function durationText(ms: number): string {
  const tenths = Math.round(ms / 100);
  const minutes = Math.floor(tenths / 600);
  const seconds = `${String(Math.floor((tenths % 600) / 10))}.${String(tenths % 10)} s`;
  return minutes === 0 ? seconds : `${String(minutes)} min ${seconds}`;
}

/** 1_234_567 → `1 234 567`. */
export function countText(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ');
}
