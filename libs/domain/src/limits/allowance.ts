import {
  durationMs,
  micros,
  minMicros,
  zeroMicros,
  type DurationMs,
  type LocalDay,
  type Micros,
} from '@ringfence/kernel/units';
import { spentOn } from './daily-spend.js';
import type { Usage } from './usage.js';

/** The bounds of a policy that calls consume; null: no bound. */
type PolicyBounds = {
  readonly dailySpendMicrosMax: Micros | null;
  readonly callsMax: number | null;
  readonly minutesMax: number | null;
  readonly spendMicrosMax: Micros | null;
};
/** A bound and its remainder, which is never below zero. */
export type Left<Amount> = { readonly left: Amount; readonly max: Amount };
/** The tightest remainder of each bound; null: there is no such bound. */
export type Allowance = {
  readonly dailySpend: Left<Micros> | null;
  readonly spend: Left<Micros> | null;
  readonly calls: Left<number> | null;
  readonly talkMs: Left<DurationMs> | null;
};

const minuteMs = 60_000;

/** @param line a key and its ancestors, each with bounds and usage of its own */
export function allowanceOf(
  line: readonly { readonly bounds: PolicyBounds; readonly usage: Usage }[],
  day: LocalDay,
): Allowance {
  return {
    dailySpend: tightest(line, ({ bounds, usage }) =>
      amountLeft(bounds.dailySpendMicrosMax, spentOn(usage.spend, day)),
    ),
    spend: tightest(line, ({ bounds, usage }) => amountLeft(bounds.spendMicrosMax, usage.spentMicros)),
    calls: tightest(line, ({ bounds: { callsMax }, usage }) =>
      callsMax === null ? null : { max: callsMax, left: Math.max(0, callsMax - usage.calls) },
    ),
    talkMs: tightest(line, ({ bounds: { minutesMax }, usage }) => {
      if (minutesMax === null) return null;
      const max = durationMs(minutesMax * minuteMs);
      return { max, left: durationMs(Math.max(0, max - usage.talkMs)) };
    }),
  };
}

/** Returns the budget: the least of the available balance and the remainders of the day and of the lifetime cap. */
export function budgetOf({ dailySpend, spend }: Allowance, available: Micros): Micros {
  return [dailySpend, spend].reduce(
    (least, bound) => (bound === null ? least : minMicros(least, bound.left)),
    available,
  );
}

function amountLeft(max: Micros | null, used: Micros): Left<Micros> | null {
  if (max === null) return null;
  return { max, left: max > used ? micros(max - used) : zeroMicros };
}

function tightest<Item, Amount extends bigint | number>(
  items: readonly Item[],
  leftOf: (item: Item) => Left<Amount> | null,
): Left<Amount> | null {
  let found: Left<Amount> | null = null;
  for (const item of items) {
    const next = leftOf(item);
    if (next !== null && (found === null || next.left < found.left)) found = next;
  }
  return found;
}
