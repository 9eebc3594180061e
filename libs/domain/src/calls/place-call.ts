import { accept, refuse, type Decision } from '@ringfence/kernel/decider';
import { micros, minMicros, zeroMicros, type DurationMs, type Micros } from '@ringfence/kernel/units';
import { traceOf } from '../audit/refusal-sums.js';
import { affordableMs, priceOf } from '../billing/rating/rating.js';
import { whyNot, type ActiveKey } from '../keys/key-state.js';
import { accountLimits } from '../limits/account-limits.js';
import { spentOn } from '../limits/daily-spend.js';
import { destinationAllowed } from '../limits/destinations.js';
import { waitMsFor } from '../limits/gcra.js';
import { localDayOf } from '../limits/local-day.js';
import type { Refusal } from '../refusals.js';
import { callsCounted } from './act-on-time.js';
import { remembers, type AccountState, type KeyUse, type ModeUse } from './account-state.js';
import type { AccountStreamEvent } from './account-evolve.js';
import type { PlaceCall } from './call.commands.js';
import type { CallPlaced, CallRefused, RateQuote } from './call.events.js';
import { callRefusalCodes, type CallRefusalCode } from './call-refusals.js';
import { authorisationStepMs } from './call-timers.js';
import { turnedAway } from './turned-away.js';

type CallRefusal = Refusal & { readonly code: CallRefusalCode };
type PlaceDecision = { readonly placed: CallPlaced } | { readonly refusal: CallRefusal };

const e164 = /^\+[1-9]\d{6,14}$/;

/**
 * PlaceCall: key → scope → account → numbers → caller number → destination → calls per second → lines → spend → balance → route. The first refusal of its key and reason in
 * a second stands in the log in full.
 */
export function placeCall(command: PlaceCall, state: AccountState): Decision<AccountStreamEvent, Refusal> {
  if (command.by.kind !== 'key' || command.by.home !== 'account') {
    const detail = 'A call is placed with a key of the account that pays for it.';
    return turnedAway(command, state, { code: 'presenter_not_allowed', detail });
  }
  const use = state.keys.get(command.by.keyId);
  if (use === undefined) return turnedAway(command, state, { code: 'key_unknown', detail: keyDetails.key_unknown });
  if (state.calls.has(command.callId) || remembers(state.ended, command.callId))
    return refuse({ code: 'call_already_placed', detail: `Call ${command.callId} was placed.` });
  const decision = decideInOrder(command, state, use);
  if ('placed' in decision) return accept<AccountStreamEvent>(decision.placed);
  const { refusal } = decision;
  const { keyId, mode } = use.key;
  const { code } = refusal;
  const trace = traceOf(
    state.refusals,
    { keyId, mode, code },
    command.nowMs,
    refused(command, use, code),
    callsCounted,
  );
  return { accepted: false, refusal, trace };
}

export function isCallRefusalCode(code: string): code is CallRefusalCode {
  return (callRefusalCodes as readonly string[]).includes(code);
}

function decideInOrder(command: PlaceCall, state: AccountState, use: KeyUse): PlaceDecision {
  const { nowMs } = command;
  const why = whyNot(use.key, 'calls:write', nowMs);
  if (why !== undefined || use.key.status !== 'active')
    return no(why ?? 'key_revoked', keyDetails[why ?? 'key_revoked']);
  const { standing } = state;
  if (standing.status === 'unopened' || standing.status === 'unverified') {
    return no('account_not_verified', 'Calls need a verified account.');
  }
  if (standing.status === 'suspended')
    return no('account_suspended', 'The account is suspended; its calls are refused.');
  const numbers = numbersFault(command, use.key);
  if (numbers !== undefined) return numbers;
  const limits = limitsFault(command, use, use.key, state.modes[use.key.mode]);
  if (limits !== undefined) return limits;
  return reserve(command, state, use, use.key);
}

const keyDetails = {
  key_unknown: 'There is no such key.',
  key_revoked: 'The key was revoked.',
  key_expired: 'The key has expired.',
  scope_missing: 'The key lacks the scope calls:write.',
} as const;

function numbersFault({ from, to }: PlaceCall, { policy }: ActiveKey): PlaceDecision | undefined {
  if (!e164.test(from.clear)) return no('number_invalid', 'from_number: E.164, a + and 7 to 15 digits.');
  if (!e164.test(to.clear)) return no('number_invalid', 'to_number: E.164, a + and 7 to 15 digits.');
  if (policy.callerNumbers?.some(({ subjectId }) => subjectId === from.sealed.subjectId) === false) {
    return no('caller_number_not_allowed', 'The key may not show this caller number.');
  }
  if (!destinationAllowed(to.clear.slice(1), policy.destinationPrefixes)) {
    return no(
      'destination_not_allowed',
      'The key may not call this destination; costly ranges must be named in its policy.',
    );
  }
  return undefined;
}

function limitsFault(
  { nowMs }: PlaceCall,
  use: KeyUse,
  { policy }: ActiveKey,
  ofAccount: ModeUse,
): PlaceDecision | undefined {
  const keyWaitMs = waitMsFor(use.gcra, nowMs);
  if (keyWaitMs > 0) return tooFast('the key', policy, keyWaitMs);
  const accountWaitMs = waitMsFor(ofAccount.gcra, nowMs);
  if (accountWaitMs > 0) return tooFast('the account', accountLimits, accountWaitMs);
  if (use.lines >= policy.linesMax) return noLine('the key', policy.linesMax, use.lines);
  if (ofAccount.lines >= accountLimits.linesMax) return noLine('the account', accountLimits.linesMax, ofAccount.lines);
  return undefined;
}

type Rate = { readonly callsPerSecond: number; readonly burstCalls: number };
function tooFast(whose: string, { callsPerSecond, burstCalls }: Rate, retryAfterMs: number): PlaceDecision {
  const limit = { name: 'calls_per_second', max: String(callsPerSecond), used: String(callsPerSecond) };
  return no('rate_limited', `At most ${callsPerSecond} calls a second of ${whose}, ${burstCalls} at once.`, {
    retryAfterMs,
    limit,
  });
}

/** Nobody knows when a line comes free; a second is a polite guess. */
function noLine(whose: string, linesMax: number, lines: number): PlaceDecision {
  const limit = { name: 'lines', max: String(linesMax), used: String(lines) };
  return no('lines_exhausted', `All ${linesMax} lines of ${whose} are in use.`, { retryAfterMs: 1_000, limit });
}

function reserve(command: PlaceCall, state: AccountState, use: KeyUse, key: ActiveKey): PlaceDecision {
  const { nowMs, to, rateDecks } = command;
  if (state.standing.status !== 'active') return no('account_not_verified', 'Calls need a verified account.');
  const { currency, timeZone } = state.standing;
  const rate = rateDecks.quote(to.clear.slice(1), currency, nowMs);
  const localDay = localDayOf(timeZone, nowMs);
  const spendLeft = leftToSpend(use, key, localDay);
  const available = state.books[key.mode].availableMicros;
  const candidates = command.routes[key.mode];
  if (rate === undefined) return no('no_route', `No price is known for this destination in ${currency}.`);
  if (spendLeft !== null && affordableMs(rate, spendLeft, authorisationStepMs) === undefined) {
    const max = key.policy.dailySpendMicrosMax ?? zeroMicros;
    const limit = { name: 'daily_spend_micros', max: String(max), used: String(max - spendLeft) };
    return no(
      'daily_spend_exceeded',
      'What the key may spend in one day would be exceeded by the least charge of this call.',
      { limit },
    );
  }
  const budget = spendLeft === null ? available : minMicros(available, spendLeft);
  const authorisedForMs = affordableMs(rate, budget, authorisationStepMs);
  if (authorisedForMs === undefined)
    return no('balance_insufficient', 'The available balance does not cover the least charge of this call.');
  if (candidates.length === 0) return no('no_route', `No trunk takes ${key.mode} calls.`);
  return { placed: placedEvent(command, key, { rate, localDay, authorisedForMs, candidates }) };
}

type Terms = {
  readonly rate: RateQuote;
  readonly localDay: CallPlaced['localDay'];
  readonly authorisedForMs: DurationMs;
  readonly candidates: CallPlaced['candidates'];
};

function placedEvent(command: PlaceCall, key: ActiveKey, terms: Terms): CallPlaced {
  return {
    type: 'CallPlaced',
    callId: command.callId,
    legId: command.legId,
    attemptId: command.attemptId,
    accountId: command.accountId,
    keyId: key.keyId,
    mode: key.mode,
    project: key.policy.project,
    application: key.policy.application,
    from: command.from.sealed,
    to: command.to.sealed,
    flowUrl: command.flowUrl,
    statusCallbackUrl: command.statusCallbackUrl,
    record: command.record,
    ringTimeoutMs: command.ringTimeoutMs,
    ...terms,
    reservedMicros: priceOf(terms.rate, terms.authorisedForMs),
    placedAtMs: command.nowMs,
  };
}

/** null: no limit. */
function leftToSpend(use: KeyUse, key: ActiveKey, day: CallPlaced['localDay']): Micros | null {
  if (key.policy.dailySpendMicrosMax === null) return null;
  const left = key.policy.dailySpendMicrosMax - spentOn(use.spend, day);
  return left > 0n ? micros(left) : zeroMicros;
}

function refused({ to, nowMs }: PlaceCall, { key }: KeyUse, code: CallRefusalCode): CallRefused {
  return {
    type: 'CallRefused',
    presentedKeyId: key.keyId,
    mode: key.mode,
    code,
    to: e164.test(to.clear) ? to.sealed : null,
    refusedAtMs: nowMs,
  };
}

function no(
  code: CallRefusalCode,
  detail: string,
  more: Omit<CallRefusal, 'code' | 'detail'> = {},
): { readonly refusal: CallRefusal } {
  return { refusal: { code, detail, ...more } };
}
