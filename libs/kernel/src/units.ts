declare const unit: unique symbol;
/**
 * A branded type. The brand costs nothing at run time; arithmetic drops it, so a result is returned through a function
 * that names its meaning.
 */
export type Unit<Base, Name extends string> = Base & { readonly [unit]: Name };

/** Money: millionths of one unit of the account's currency (1_000_000n = 1.00). May be negative. */
export type Micros = Unit<bigint, 'Micros'>;
/** A length of time in whole milliseconds, never negative. */
export type DurationMs = Unit<number, 'DurationMs'>;
/** A moment: whole milliseconds since 1970-01-01T00:00:00Z, without leap seconds. */
export type EpochMs = Unit<number, 'EpochMs'>;
/** A place in the log, dense from 0. */
export type Position = Unit<number, 'Position'>;
/** A place in one stream, gapless from 1; 0: the stream has no event yet. */
export type StreamVersion = Unit<number, 'StreamVersion'>;
/** A calendar day of an account's own time zone, `YYYY-MM-DD`. */
export type LocalDay = Unit<string, 'LocalDay'>;

export const micros = (amount: bigint): Micros => amount as Micros;
export const zeroMicros: Micros = micros(0n);
export const addMicros = (left: Micros, right: Micros): Micros => micros(left + right);
export const subtractMicros = (left: Micros, right: Micros): Micros => micros(left - right);
export const minMicros = (left: Micros, right: Micros): Micros => (left < right ? left : right);

/** @throws RangeError when `value` is not a whole number of at least zero */
export function durationMs(value: number): DurationMs {
  return wholeNumber(value, 'a duration in milliseconds') as DurationMs;
}

/** @throws RangeError when `value` is not a whole number of at least zero */
export function epochMs(value: number): EpochMs {
  return wholeNumber(value, 'a moment in milliseconds') as EpochMs;
}

/** @throws RangeError when `value` is not a whole number of at least zero */
export function position(value: number): Position {
  return wholeNumber(value, 'a position') as Position;
}

/** @throws RangeError when `value` is not a whole number of at least zero */
export function streamVersion(value: number): StreamVersion {
  return wholeNumber(value, 'a stream version') as StreamVersion;
}

export const addDuration = (moment: EpochMs, length: DurationMs): EpochMs => (moment + length) as EpochMs;
/** The time from `earlier` to `later`; zero when `later` is not later. */
export const elapsedMs = (earlier: EpochMs, later: EpochMs): DurationMs => Math.max(0, later - earlier) as DurationMs;
export const laterOf = (left: EpochMs, right: EpochMs): EpochMs => (left > right ? left : right);

/**
 * `rate * numerator / denominator`, rounded up: a started part is charged whole. All arguments ≥ 0, denominator > 0.
 */
export function prorateMicrosCeil(rate: Micros, numerator: bigint, denominator: bigint): Micros {
  return micros((rate * numerator + denominator - 1n) / denominator);
}

const localDayPattern = /^\d{4}-\d{2}-\d{2}$/;
/** @throws RangeError when `value` is not `YYYY-MM-DD` */
export function localDay(value: string): LocalDay {
  if (!localDayPattern.test(value)) throw new RangeError(`a local day is YYYY-MM-DD, got ${JSON.stringify(value)}`);
  return value as LocalDay;
}

function wholeNumber(value: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`${what} is a whole number ≥ 0, got ${String(value)}`);
  return value;
}
