import type { DomainEvent } from '@ringfence/domain/domain-event';
import type { LocalDay } from '@ringfence/kernel/units';

type ZoneChanged = Extract<DomainEvent, { type: 'AccountTimeZoneChanged' }>;
type Zone = {
  readonly name: string;
  readonly fromMs: number;
  readonly firstDay: LocalDay | '';
  readonly sharesWith: LocalDay | null;
};
/** The zones of an account, and the latest day on which a call was counted. */
export type ReferenceDays = { readonly zones: readonly Zone[]; readonly latest: string };

export const noDays: ReferenceDays = { zones: [], latest: '' };

/** Replaces the zone from a moment on. A day that had not begun when another change was decided never begins. */
export function withZone(
  days: ReferenceDays,
  event: ZoneChanged | Extract<DomainEvent, { type: 'AccountOpened' }>,
): ReferenceDays {
  const { timeZone: name } = event;
  if (event.type === 'AccountOpened') return { ...days, zones: [{ name, fromMs: 0, firstDay: '', sharesWith: null }] };
  const { fromMs, firstDay, sharesWith, changedAtMs } = event;
  const begun = days.zones.filter((zone) => zone.fromMs <= changedAtMs);
  return { ...days, zones: [...begun, { name, fromMs, firstDay, sharesWith }] };
}

export function withCallOn(days: ReferenceDays, day: string | null): ReferenceDays {
  return day !== null && day > days.latest ? { ...days, latest: day } : days;
}

/**
 * Returns the day whose daily spend a call of this day counts towards: an earlier day, if a change of zone has cut this
 * one short.
 */
export function referenceAllowanceDay({ zones }: ReferenceDays, day: LocalDay): LocalDay {
  return zones.find(({ firstDay }) => firstDay === day)?.sharesWith ?? day;
}

export function onItsAllowance(days: ReferenceDays, event: DomainEvent): DomainEvent {
  if (event.type !== 'CallPlaced' && event.type !== 'CallReceived' && event.type !== 'CallExtended') return event;
  return { ...event, localDay: referenceAllowanceDay(days, event.localDay) };
}

export function dayAt(days: ReferenceDays, ms: number): string {
  const zone = days.zones.filter(({ fromMs }) => fromMs <= ms).at(-1);
  if (zone === undefined) return days.latest;
  return [dateIn(zone.name, ms), zone.firstDay, days.latest].reduce((one, other) => (one > other ? one : other));
}

/**
 * Lists the errors of a change of zone: it has to take effect at the end of the day on which it was decided, and its
 * first day has to be the next one.
 */
export function faultsOfZone(days: ReferenceDays, change: ZoneChanged): readonly string[] {
  const { fromMs, firstDay, changedAtMs, timeZone } = change;
  const begun = { ...days, zones: days.zones.filter((zone) => zone.fromMs <= changedAtMs) };
  const today = dayAt(begun, changedAtMs);
  const next = dayAt(begun, fromMs);
  const theirs = dateIn(timeZone, fromMs);
  const faults: string[] = [];
  if (fromMs <= changedAtMs || dayAt(begun, fromMs - 1) !== today || next <= today)
    faults.push(`the zone changes at ${String(fromMs)}, which is not the end of ${today}`);
  if (firstDay !== (theirs > next ? theirs : next)) faults.push(`${firstDay} is not the day after ${today}`);
  return faults;
}

function dateIn(timeZone: string, ms: number): string {
  return new Date(ms).toLocaleDateString('sv-SE', { timeZone });
}
