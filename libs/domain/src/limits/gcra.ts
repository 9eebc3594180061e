import type { EpochMs } from '@ringfence/kernel/units';

/**
 * The generic cell rate algorithm (ITU-T I.371, the virtual scheduling form), exact: a tick is `1 / callsPerSecond` of
 * a millisecond, so the distance between two conforming calls is 1 000 ticks whatever the rate, and nothing is ever
 * rounded.
 */
export type Gcra = {
  readonly callsPerSecond: number;
  readonly burstCalls: number;
  /** The theoretical arrival time of the next call, in ticks since the epoch; 0n: no call yet. */
  readonly arrivalTicks: bigint;
};

const intervalTicks = 1_000n;

export function restedGcra(callsPerSecond: number, burstCalls: number): Gcra {
  return { callsPerSecond, burstCalls, arrivalTicks: 0n };
}

/** Returns the time until a call conforms, in whole milliseconds, rounded up; 0: now. */
export function waitMsFor(gcra: Gcra, nowMs: EpochMs): number {
  const rate = BigInt(gcra.callsPerSecond);
  const earliest = gcra.arrivalTicks - BigInt(gcra.burstCalls - 1) * intervalTicks;
  const wait = earliest - BigInt(nowMs) * rate;
  return wait <= 0n ? 0 : Number.parseInt(((wait + rate - 1n) / rate).toString(), 10);
}

/** The state after a call at `nowMs`, conforming or not: a recorded call is never refused. */
export function afterCall(gcra: Gcra, nowMs: EpochMs): Gcra {
  const now = BigInt(nowMs) * BigInt(gcra.callsPerSecond);
  const start = gcra.arrivalTicks > now ? gcra.arrivalTicks : now;
  return { ...gcra, arrivalTicks: start + intervalTicks };
}

/** Changes the rate and keeps the debt in time, rounded up, so that a new policy does not forgive a flood. */
export function withRate(gcra: Gcra, callsPerSecond: number, burstCalls: number): Gcra {
  const oldRate = BigInt(gcra.callsPerSecond);
  const arrivalTicks = (gcra.arrivalTicks * BigInt(callsPerSecond) + oldRate - 1n) / oldRate;
  return { callsPerSecond, burstCalls, arrivalTicks };
}
