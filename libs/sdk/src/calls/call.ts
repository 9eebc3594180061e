import { isRecord } from '@ringfence/event-catalog/shape-codec';
import { sdkFailures } from '../sdk-failures.js';

export type CallState = 'initiated' | 'ringing' | 'answered' | 'completed' | 'failed';

/** The price at which a call was placed. Amounts are micro-units of `currency`. */
export type CallRate = {
  readonly deckId: string;
  readonly deckVersion: number;
  readonly prefix: string;
  readonly currency: string;
  readonly connectFeeMicros: bigint;
  readonly perMinuteMicros: bigint;
  readonly minimumMs: number;
  readonly incrementMs: number;
};
/** The cost of an ended call. */
export type CallCharge = {
  readonly amountMicros: bigint;
  readonly currency: string;
  readonly talkTimeMs: number;
  readonly billedMs: number;
  /** Explanation of how the amount was calculated. */
  readonly calculation: string;
};
/** A call in its current state. An erased number is null. */
export type Call = {
  readonly id: string;
  readonly accountId: string;
  readonly mode: 'live' | 'test';
  readonly keyId: string;
  readonly state: CallState;
  readonly fromNumber: string | null;
  readonly toNumber: string | null;
  readonly createdAt: Date;
  readonly answeredAt: Date | null;
  readonly endedAt: Date | null;
  /** Reason why it ended; null: it has not ended. */
  readonly reason: string | null;
  readonly rate: CallRate;
  /** null: it has not ended. */
  readonly charge: CallCharge | null;
};

const states: readonly string[] = ['initiated', 'ringing', 'answered', 'completed', 'failed'];
const isState = (text: string): text is CallState => states.includes(text);

/** @throws Failure `answer_unreadable`, which names the field */
export function readCall(body: unknown): Call {
  const call = members(body, 'the call');
  const properties = members(call['properties'], 'properties');
  const rate = members(properties['rate'], 'properties.rate');
  const state = text(call, 'state');
  const mode = text(properties, 'mode');
  if (!isState(state)) throw unreadable('state');
  if (mode !== 'live' && mode !== 'test') throw unreadable('mode');
  return {
    id: text(call, 'id'),
    accountId: text(call, 'account_id'),
    mode,
    keyId: text(properties, 'key_id'),
    state,
    fromNumber: textOrNull(call, 'from_number'),
    toNumber: textOrNull(call, 'to_number'),
    createdAt: new Date(text(call, 'created_at')),
    answeredAt: momentOrNull(call, 'answered_at'),
    endedAt: momentOrNull(call, 'ended_at'),
    reason: textOrNull(call, 'reason'),
    rate: {
      deckId: text(rate, 'deck_id'),
      deckVersion: whole(rate, 'deck_version'),
      prefix: text(rate, 'prefix'),
      currency: text(rate, 'currency'),
      connectFeeMicros: amount(rate, 'connect_fee_micros'),
      perMinuteMicros: amount(rate, 'per_minute_micros'),
      minimumMs: whole(rate, 'minimum_ms'),
      incrementMs: whole(rate, 'increment_ms'),
    },
    charge: properties['charge'] === null ? null : readCharge(members(properties['charge'], 'properties.charge')),
  };
}

function readCharge(charge: Members): CallCharge {
  return {
    amountMicros: amount(charge, 'amount_micros'),
    currency: text(charge, 'currency'),
    talkTimeMs: whole(charge, 'talk_time_ms'),
    billedMs: whole(charge, 'billed_ms'),
    calculation: text(charge, 'calculation'),
  };
}

type Members = Readonly<Record<string, unknown>>;

function members(value: unknown, what: string): Members {
  if (isRecord(value)) return value;
  throw unreadable(what);
}

function text(from: Members, name: string): string {
  const value = from[name];
  if (typeof value === 'string') return value;
  throw unreadable(name);
}

function textOrNull(from: Members, name: string): string | null {
  return from[name] === null ? null : text(from, name);
}

function momentOrNull(from: Members, name: string): Date | null {
  return from[name] === null ? null : new Date(text(from, name));
}

function whole(from: Members, name: string): number {
  const value = from[name];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw unreadable(name);
}

function amount(from: Members, name: string): bigint {
  const value = text(from, name);
  if (/^-?\d+$/.test(value)) return BigInt(value);
  throw unreadable(name);
}

function unreadable(what: string) {
  return sdkFailures.answer_unreadable(`${what} is not what this release of the SDK knows`);
}
