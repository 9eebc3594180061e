import { begunCall } from '@ringfence/domain/calls/begun-call';
import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { KeyPolicy } from '@ringfence/domain/keys/key-policy';
import { Map as ImmutableMap } from 'immutable';
import { atRate, type Bucket, callInBucket, fullBucket, levelAt, take } from './reference-bucket.js';

/** Use of a key's limits by calls of one mode, kept in the simplest way: a total per limit and a sum per day. */
export type ReferenceUsage = {
  readonly bucket: Bucket;
  readonly lines: number;
  readonly calls: number;
  readonly talkMs: number;
  readonly spentMicros: bigint;
  readonly spentByDay: ImmutableMap<string, bigint>;
};
/** Part of the limits that one live call holds. */
export type Held = {
  readonly authorisedForMs: number;
  readonly reservedMicros: bigint;
  /** The day of its last reservation, and the amount reserved on it. */
  readonly day: string;
  readonly onDayMicros: bigint;
};

type Placed = Extract<DomainEvent, { type: 'CallPlaced' | 'CallReceived' }>;
type Extended = Extract<DomainEvent, { type: 'CallExtended' }>;

export function unusedBy({ callsPerSecond, burstCalls }: KeyPolicy): ReferenceUsage {
  const bucket = fullBucket(callsPerSecond, burstCalls);
  return { bucket, lines: 0, calls: 0, talkMs: 0, spentMicros: 0n, spentByDay: ImmutableMap() };
}

export function heldByPlaced({ authorisedForMs, reservedMicros, localDay }: Placed): Held {
  return { authorisedForMs, reservedMicros, day: localDay, onDayMicros: reservedMicros };
}

export function heldAfterExtension(
  held: Held,
  { authorisedForMs, reservedMicros, addedMicros, localDay }: Extended,
): Held {
  const onDayMicros = (held.day === localDay ? held.onDayMicros : 0n) + addedMicros;
  return { authorisedForMs, reservedMicros, day: localDay, onDayMicros };
}

export function withPlaced(usage: ReferenceUsage, data: Placed): ReferenceUsage {
  const taken = withMore(usage, data.authorisedForMs, data.reservedMicros, data.localDay);
  return {
    ...taken,
    bucket: take(usage.bucket, begunCall(data).placedAtMs).bucket,
    lines: usage.lines + 1,
    calls: usage.calls + 1,
  };
}

export function withExtension(usage: ReferenceUsage, before: Held, data: Extended): ReferenceUsage {
  return withMore(usage, data.authorisedForMs - before.authorisedForMs, data.addedMicros, data.localDay);
}

/** @param talkTimeMs the call's final talk time */
export function withEnd(usage: ReferenceUsage, held: Held, talkTimeMs: number, releasedMicros: bigint): ReferenceUsage {
  const back = releasedMicros < held.onDayMicros ? releasedMicros : held.onDayMicros;
  return {
    ...usage,
    lines: usage.lines - 1,
    talkMs: usage.talkMs - held.authorisedForMs + talkTimeMs,
    spentMicros: usage.spentMicros - releasedMicros,
    spentByDay: usage.spentByDay.update(held.day, 0n, (sum) => sum - back),
  };
}

/** Returns the excess if, after a reservation, the use exceeds a policy. `day`: the day of that reservation. */
export function excessOf(usage: ReferenceUsage, policy: KeyPolicy, day: string): readonly string[] {
  const { minutesMax, spendMicrosMax, dailySpendMicrosMax } = policy;
  const spentToday = usage.spentByDay.get(day) ?? 0n;
  return [
    ...beyond('minutes of a life', minutesMax, usage.talkMs / 60_000),
    ...beyond('money of a life', spendMicrosMax, usage.spentMicros),
    ...beyond(`money of ${day}`, dailySpendMicrosMax, spentToday),
  ];
}

/** Returns the excess if, after a call was placed, the use exceeds a policy. */
export function excessOfCalls({ lines, calls }: ReferenceUsage, { linesMax, callsMax }: KeyPolicy): readonly string[] {
  return [...beyond('lines', linesMax, lines), ...beyond('calls of a life', callsMax, calls)];
}

function beyond(what: string, max: bigint | number | null, used: bigint | number): readonly string[] {
  return max !== null && used > max ? [`${String(used)} ${what}, which are ${String(max)} at most`] : [];
}

export function isEmptyAt({ bucket }: ReferenceUsage, ms: number): boolean {
  return levelAt(bucket, ms) < callInBucket;
}

export function underPolicy(usage: ReferenceUsage, { callsPerSecond, burstCalls }: KeyPolicy): ReferenceUsage {
  return { ...usage, bucket: atRate(usage.bucket, callsPerSecond, burstCalls) };
}

function withMore(usage: ReferenceUsage, talkMs: number, amountMicros: bigint, day: string): ReferenceUsage {
  return {
    ...usage,
    talkMs: usage.talkMs + talkMs,
    spentMicros: usage.spentMicros + amountMicros,
    spentByDay: usage.spentByDay.update(day, 0n, (sum) => sum + amountMicros),
  };
}
