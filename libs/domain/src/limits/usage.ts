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

/** Use of a key's limits by calls in one mode: its own calls, and those of all keys below it. */
export type Usage = {
  readonly gcra: Gcra;
  /** Calls that are not over. */
  readonly lines: number;
  readonly spend: DailySpend;
  /** Calls accepted, ever. */
  readonly calls: number;
  /** Time talked, ever; of a call that is not over, the time that it is authorised for. */
  readonly talkMs: DurationMs;
  /** Cost of all calls; of a live call, its reservation. */
  readonly spentMicros: Micros;
};

/** Part of a call that is counted as it is placed or extended. */
export type Reservation = {
  readonly day: LocalDay;
  readonly amountMicros: Micros;
  readonly talkMs: DurationMs;
};
/** Part that comes back when a call is over. */
export type Release = {
  /** The day that its last reservation counted for, and what of the release was reserved on it. */
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

/** A call is over: its line is free, and what it was given beyond what it took comes back. */
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
