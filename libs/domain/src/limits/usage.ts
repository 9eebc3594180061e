import {
  addMicros,
  durationMs,
  micros,
  subtractMicros,
  zeroMicros,
  type DurationMs,
  type EpochMs,
  type LocalDay,
  type Micros,
} from '@ringfence/kernel/units';
import { afterRelease, afterReservation, type DailySpend } from './daily-spend.js';
import { afterCall, restedGcra, withRate, type Gcra } from './gcra.js';

/** Usage of a key's limits in one mode, by its own calls and those of all its descendants. */
export type Usage = {
  readonly gcra: Gcra;
  /** Number of live calls. */
  readonly lines: number;
  readonly spend: DailySpend;
  /** Number of calls ever accepted. */
  readonly calls: number;
  /** Total talk time; a live call counts with its authorised time. */
  readonly talkMs: DurationMs;
  /** Total cost of calls; a live call counts with its reservation. */
  readonly spentMicros: Micros;
};

/** Usage that is added when a call is placed or extended. */
export type Reservation = {
  readonly day: LocalDay;
  readonly amountMicros: Micros;
  readonly talkMs: DurationMs;
};
/** Usage that is returned when a call ends. */
export type Release = {
  /** The day of the last reservation, and the part of the release that was reserved on it. */
  readonly day: LocalDay;
  readonly onDayMicros: Micros;
  readonly amountMicros: Micros;
  readonly talkMs: DurationMs;
};

export function restedUsage(callsPerSecond: number, burstCalls: number): Usage {
  return {
    gcra: restedGcra(callsPerSecond, burstCalls),
    lines: 0,
    spend: null,
    calls: 0,
    talkMs: durationMs(0),
    spentMicros: zeroMicros,
  };
}

export function usageAtRate(usage: Usage, callsPerSecond: number, burstCalls: number): Usage {
  return { ...usage, gcra: withRate(usage.gcra, callsPerSecond, burstCalls) };
}

export function afterPlacing(usage: Usage, reservation: Reservation, placedAtMs: EpochMs): Usage {
  const reserved = afterReserving(usage, reservation);
  return { ...reserved, gcra: afterCall(usage.gcra, placedAtMs), lines: usage.lines + 1, calls: usage.calls + 1 };
}

export function afterReserving(usage: Usage, { day, amountMicros, talkMs }: Reservation): Usage {
  return {
    ...usage,
    spend: afterReservation(usage.spend, day, amountMicros),
    talkMs: durationMs(usage.talkMs + talkMs),
    spentMicros: addMicros(usage.spentMicros, amountMicros),
  };
}

/** The usage after a call has ended: its line is free, and unused time and money are returned. */
export function afterEnding(usage: Usage, { day, onDayMicros, amountMicros, talkMs }: Release): Usage {
  return {
    ...usage,
    lines: usage.lines - 1,
    spend: afterRelease(usage.spend, day, onDayMicros),
    talkMs: durationMs(Math.max(0, usage.talkMs - talkMs)),
    spentMicros: notNegative(subtractMicros(usage.spentMicros, amountMicros)),
  };
}

function notNegative(amount: bigint): Micros {
  return amount > 0n ? micros(amount) : zeroMicros;
}
