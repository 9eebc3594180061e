import type { Refusal } from '../refusals.js';
import type { Calendar } from '../shared/calendar.js';

type Zoned = { readonly timeZone: string; readonly zoneDisputed: boolean; readonly calendar: Calendar };

/** Returns why an account may not use this time zone; undefined: it may. */
export function zoneFault({ timeZone, zoneDisputed, calendar }: Zoned): Refusal | undefined {
  if (!calendar.accepts(timeZone))
    return { code: 'time_zone_invalid', detail: 'The time zone is an IANA name such as Europe/Berlin.' };
  if (!zoneDisputed) return undefined;
  const detail = `The platform's database reads ${timeZone} otherwise than zone data ${calendar.version} does: until an operator has brought both to one version, choose another zone that has the same days.`;
  return { code: 'time_zone_disputed', detail };
}
