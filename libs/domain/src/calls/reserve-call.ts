import { durationMs, minMicros, type DurationMs } from '@ringfence/kernel/units';
import type { VoiceApp } from '../apps/voice-app.js';
import type { RateQuote } from '../billing/rating/rate-quote.js';
import { affordableMs } from '../billing/rating/rating.js';
import type { KnownKey } from '../keys/key-state.js';
import type { KeyLine } from '../keys/key-line.js';
import type { KeyUsage } from '../keys/key-usage.js';
import { allowanceDay } from '../limits/account-days.js';
import { allowanceOf, budgetOf, type Allowance, type Left } from '../limits/allowance.js';
import { leftToSpend } from '../limits/daily-spend.js';
import { rateOf } from '../limits/destinations.js';
import { noPrice } from '../limits/number-explanation.js';
import type { KnownNumber } from '../limits/numbering-plan.js';
import type { RecordedDay } from '../shared/calendar.js';
import { channelsFault } from './app-of-call.js';
import type { PlaceCall } from './call.commands.js';
import { authorisationStepMs } from './call-timers.js';
import {
  callsFault,
  capReached,
  limitName,
  limitOf,
  limitsFault,
  refuseWith,
  type PlacingRefused,
} from './limit-refusals.js';
import type { PlacingView } from './placing-view.js';

const minuteMs = 60_000;

/** The currency and the day of the account that pays. */
type Payer = { readonly currency: string; readonly spendDay: RecordedDay['localDay'] };
type Means = Payer & {
  readonly allowance: Allowance;
  /** The number whose price is charged, in E.164. */
  readonly priced: string;
  readonly number: KnownNumber;
};
type Reserved = { readonly rate: RateQuote; readonly authorisedForMs: DurationMs };

/** Checks that the account is verified and not suspended. null for the day: the account was never opened. */
export function payerOf(
  { standing, days }: Pick<PlacingView, 'standing' | 'days'>,
  day: RecordedDay | null,
): (Payer & { readonly day: RecordedDay }) | PlacingRefused {
  if (standing.status === 'unopened' || standing.status === 'unverified' || days === null || day === null)
    return refuseWith('account_not_verified', 'Calls need a verified account.');
  if (standing.status === 'suspended')
    return refuseWith('account_suspended', 'The account is suspended; its calls are refused.');
  return { currency: standing.currency, spendDay: allowanceDay(days, day.localDay), day };
}

/** Checks calls per second, lines, channels of the app and lifetime calls, and reserves the first talk time. */
export function admit(
  command: Pick<PlaceCall, 'numberingPlan' | 'rateDecks' | 'nowMs'>,
  state: PlacingView,
  { line, key, app }: { readonly line: KeyLine<KeyUsage>; readonly key: KnownKey; readonly app: VoiceApp | null },
  means: Omit<Means, 'allowance'>,
): Reserved | PlacingRefused {
  const used = line.map((use) => ({ bounds: use.key.policy, usage: use.used[key.mode] }));
  const allowance = allowanceOf(used, means.spendDay);
  const limits =
    limitsFault(command, line, key.mode, state.modes[key.mode]) ?? channelsFault(app, state) ?? callsFault(allowance);
  return limits ?? reserve(command, state, key, { ...means, allowance });
}

/**
 * Authorises the first talk time of a call, as far as caps, daily spend and balance reach; refuses a call whose
 * least charge they do not cover.
 */
function reserve(
  { numberingPlan, rateDecks, nowMs }: Pick<PlaceCall, 'numberingPlan' | 'rateDecks' | 'nowMs'>,
  state: Pick<PlacingView, 'modes' | 'books'>,
  { mode }: Pick<KnownKey, 'mode'>,
  { allowance, currency, spendDay, priced, number }: Means,
): Reserved | PlacingRefused {
  const rate = rateOf(priced.slice(1), number, numberingPlan, { decks: rateDecks, currency, atMs: nowMs });
  if (rate === undefined) {
    const { code, detail } = noPrice(currency);
    return refuseWith(code, detail);
  }
  const { dailySpend, spend, talkMs } = allowance;
  if (talkMs !== null && talkMs.left < Math.max(rate.minimumMs, rate.incrementMs))
    return capReached('minutes_max', inMinutes(talkMs), 'has no time left for the least talk that is charged');
  const requestedMs = durationMs(Math.min(authorisationStepMs, talkMs?.left ?? authorisationStepMs));
  if (spend !== null && affordableMs(rate, spend.left, requestedMs) === undefined)
    return capReached('spend_micros_max', spend, 'has spent what it may in its life');
  if (dailySpend !== null && affordableMs(rate, dailySpend.left, requestedMs) === undefined) {
    const limit = limitOf('daily_spend_micros', dailySpend);
    return refuseWith(
      'daily_spend_exceeded',
      'What the key may spend in one day would be exceeded by the least charge of this call.',
      { limit },
    );
  }
  const { limits: ofAccount, spend: spentByAccount } = state.modes[mode];
  const accountMax = ofAccount.dailySpendMicrosMax;
  const accountLeft = leftToSpend(accountMax, spentByAccount, spendDay);
  if (accountMax !== null && accountLeft !== null && affordableMs(rate, accountLeft, requestedMs) === undefined) {
    const name = limitName('the account', 'daily_spend_micros');
    const limit = { name, max: String(accountMax), used: String(accountMax - accountLeft) };
    return refuseWith(
      'daily_spend_exceeded',
      'What the account may spend in one day would be exceeded by the least charge of this call.',
      { limit },
    );
  }
  const budget = budgetOf(allowance, state.books[mode].availableMicros);
  const authorisedForMs = affordableMs(rate, minMicros(budget, accountLeft ?? budget), requestedMs);
  if (authorisedForMs === undefined)
    return refuseWith('balance_insufficient', 'The available balance does not cover the least charge of this call.');
  return { rate, authorisedForMs };
}

/** Converts to minutes; a started minute counts as used. */
function inMinutes({ left, max }: Left<DurationMs>): Left<number> {
  return { left: Math.floor(left / minuteMs), max: Math.floor(max / minuteMs) };
}
