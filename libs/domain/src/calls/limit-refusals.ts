import type { Allowance, Left } from '../limits/allowance.js';
import { waitMsFor } from '../limits/gcra.js';
import type { ModeUse } from '../limits/mode-use.js';
import type { KeyLine } from '../keys/key-line.js';
import type { KeyUsage } from '../keys/key-usage.js';
import type { Refusal } from '../refusals.js';
import type { Mode } from '../shared/values.js';
import type { PlaceCall } from './call.commands.js';
import type { CallRefusalCode } from './call-refusals.js';

type CallRefusal = Refusal & { readonly code: CallRefusalCode };
export type PlacingRefused = { readonly refusal: CallRefusal };

/** Checks calls per second, then lines: of the key, of its ancestors, of the account. */
export function limitsFault(
  { nowMs }: Pick<PlaceCall, 'nowMs'>,
  line: KeyLine<KeyUsage>,
  mode: Mode,
  ofAccount: ModeUse,
): PlacingRefused | undefined {
  for (const { key, used } of line) {
    const waitMs = waitMsFor(used[mode].gcra, nowMs);
    if (waitMs > 0) return rateLimited(whoseOf(key, line), key.policy, waitMs);
  }
  const waitMs = waitMsFor(ofAccount.gcra, nowMs);
  if (waitMs > 0) return rateLimited('the account', ofAccount.limits, waitMs);
  for (const { key, used } of line) {
    const { linesMax } = key.policy;
    const { lines } = used[mode];
    if (lines >= linesMax) return linesExhausted(whoseOf(key, line), linesMax, lines);
  }
  const { limits, lines } = ofAccount;
  return lines >= limits.linesMax ? linesExhausted('the account', limits.linesMax, lines) : undefined;
}

function whoseOf(key: KeyUsage['key'], line: KeyLine<KeyUsage>): string {
  return key === line[0]?.key ? 'the key' : 'a key that it is a child of';
}

export function callsFault({ calls }: Allowance): PlacingRefused | undefined {
  return calls?.left === 0 ? capReached('calls_max', calls, 'has placed all the calls of its life') : undefined;
}

/** The limit's name in `RateLimit` headers and answers. */
export function limitName(whose: string, name: string): string {
  return whose === 'the account' ? `account_${name}` : name;
}

type Rate = { readonly callsPerSecond: number; readonly burstCalls: number };
function rateLimited(whose: string, { callsPerSecond, burstCalls }: Rate, retryAfterMs: number): PlacingRefused {
  const limit = {
    name: limitName(whose, 'calls_per_second'),
    max: String(callsPerSecond),
    used: String(callsPerSecond),
  };
  return refuseWith('rate_limited', `At most ${callsPerSecond} calls a second of ${whose}, ${burstCalls} at once.`, {
    retryAfterMs,
    limit,
  });
}

/** Refuses a call because no line is free. When one will be free is unknown; a second is a guess. */
function linesExhausted(whose: string, linesMax: number, lines: number): PlacingRefused {
  const limit = { name: limitName(whose, 'lines'), max: String(linesMax), used: String(lines) };
  return refuseWith('lines_exhausted', `All ${linesMax} lines of ${whose} are in use.`, { retryAfterMs: 1_000, limit });
}

export function capReached(name: string, bound: Left<bigint | number>, what: string): PlacingRefused {
  return refuseWith('key_cap_reached', `The key, or one that it is a child of, ${what}.`, {
    limit: limitOf(name, bound),
  });
}

export function limitOf(name: string, { left, max }: Left<bigint | number>): NonNullable<Refusal['limit']> {
  return { name, max: String(max), used: String(BigInt(max) - BigInt(left)) };
}

export function refuseWith(
  code: CallRefusalCode,
  detail: string,
  more: Omit<CallRefusal, 'code' | 'detail'> = {},
): PlacingRefused {
  return { refusal: { code, detail, ...more } };
}
