import type { KeyId } from '@ringfence/kernel/ids';
import {
  addMicros,
  durationMs,
  micros,
  minMicros,
  subtractMicros,
  zeroMicros,
  type EpochMs,
  type LocalDay,
  type Micros,
} from '@ringfence/kernel/units';
import { affordableMs, priceOf } from '../../billing/rating/rating.js';
import type { CallExtended } from '../../calls/call.events.js';
import { authorisationStepMs, callMsMax } from '../../calls/call-timers.js';
import type { LiveCall } from '../../calls/live-call.js';
import type { KeyLine } from '../../keys/key-line.js';
import { usageLine, type KeyUsage } from '../../keys/key-usage.js';
import { type AccountDays, allowanceDay, today } from '../../limits/account-days.js';
import { looserBound } from '../../limits/account-limits.js';
import { allowanceOf, budgetOf } from '../../limits/allowance.js';
import { afterReservation, type DailySpend, leftToSpend } from '../../limits/daily-spend.js';
import { afterReserving, type Reservation, type Usage } from '../../limits/usage.js';
import type { Calendar, RecordedDay } from '../../shared/calendar.js';
import type { FireTimers, Mode } from '../../shared/values.js';
import type { AccountState } from './account-state.js';

/** Budget of one decision, in which later extensions see the money taken by earlier ones. */
export class SpendingBudget {
  readonly #available: Record<Mode, Micros>;
  readonly #used = new Map<KeyId, Usage>();
  /** The account's daily spend. */
  readonly #spend: Record<Mode, DailySpend>;
  readonly #day: (RecordedDay & { readonly spendDay: LocalDay }) | null;

  constructor(
    private readonly state: AccountState,
    { nowMs, calendar }: FireTimers,
  ) {
    const { days, books, modes } = state;
    this.#day = days === null ? null : dayOn(days, calendar, nowMs);
    this.#available = { live: books.live.availableMicros, test: books.test.availableMicros };
    this.#spend = { live: modes.live.spend, test: modes.test.spend };
  }

  extend(call: LiveCall, nowMs: EpochMs): CallExtended | undefined {
    const { callId, legId, mode, authority } = call;
    const line = usageLine(this.state.keys, authority.keyId);
    if (line.length === 0 || this.#day === null) return undefined;
    const { localDay, zoneData, spendDay } = this.#day;
    const used = line.map(({ key, used }) => ({ bounds: key.policy, usage: this.#used.get(key.keyId) ?? used[mode] }));
    const allowance = allowanceOf(used, spendDay);
    const available = notNegative(budgetOf(allowance, this.#available[mode]));
    const budget = addMicros(
      call.reservedMicros,
      minMicros(available, this.#leftToAccount(call, spendDay) ?? available),
    );
    const moreMs = Math.min(authorisationStepMs, allowance.talkMs?.left ?? authorisationStepMs);
    const requestedMs = durationMs(Math.min(call.authorisedForMs + moreMs, callMsMax));
    const authorisedForMs = affordableMs(call.rate, budget, requestedMs);
    if (authorisedForMs === undefined || authorisedForMs <= call.authorisedForMs) return undefined;
    const reservedMicros = priceOf(call.rate, authorisedForMs);
    const addedMicros = subtractMicros(reservedMicros, call.reservedMicros);
    const talkMs = durationMs(authorisedForMs - call.authorisedForMs);
    this.#take(line, mode, { day: spendDay, amountMicros: addedMicros, talkMs });
    return {
      type: 'CallExtended',
      callId,
      legId,
      keyId: authority.keyId,
      mode,
      authorisedForMs,
      addedMicros,
      reservedMicros,
      localDay,
      zoneData,
      extendedAtMs: nowMs,
    };
  }

  /**
   * Returns the remainder of the account's daily spend; null: no limit. A limit set after the call was placed does not
   * cut the call.
   */
  #leftToAccount({ mode, accountSpendMicrosMax }: LiveCall, day: LocalDay): Micros | null {
    const { limits } = this.state.modes[mode];
    return leftToSpend(looserBound(accountSpendMicrosMax, limits.dailySpendMicrosMax), this.#spend[mode], day);
  }

  #take(line: KeyLine<KeyUsage>, mode: Mode, reservation: Reservation): void {
    this.#available[mode] = subtractMicros(this.#available[mode], reservation.amountMicros);
    this.#spend[mode] = afterReservation(this.#spend[mode], reservation.day, reservation.amountMicros);
    for (const { key, used } of line) {
      const usage = this.#used.get(key.keyId) ?? used[mode];
      this.#used.set(key.keyId, afterReserving(usage, reservation));
    }
  }
}

function dayOn(days: AccountDays, calendar: Calendar, nowMs: EpochMs): RecordedDay & { readonly spendDay: LocalDay } {
  const localDay = today(days, calendar, nowMs);
  return { localDay, zoneData: calendar.version, spendDay: allowanceDay(days, localDay) };
}

function notNegative(amount: bigint): Micros {
  return amount > 0n ? micros(amount) : zeroMicros;
}
