import { accept, refuse, type Decision } from '@ringfence/kernel/decider';
import type { ChangeTimeZone } from '../../accounts/account.commands.js';
import type { AccountTimeZoneChanged } from '../../accounts/account.events.js';
import { changeOfZone, upcomingZone } from '../../limits/account-days.js';
import { zoneFault } from '../../limits/zone-fault.js';
import type { Refusal } from '../../refusals.js';
import type { AccountState } from './account-state.js';

/**
 * Changes the zone at the end of the account's local day. Until then it can be changed again, also back; the last
 * decision counts.
 */
export function changeTimeZone(
  command: ChangeTimeZone,
  { standing, days }: Pick<AccountState, 'standing' | 'days'>,
): Decision<AccountTimeZoneChanged, Refusal> {
  const { accountId, timeZone, calendar, nowMs } = command;
  if (standing.status === 'unopened' || days === null)
    return refuse({ code: 'account_unknown', detail: `There is no account ${accountId}.` });
  const fault = zoneFault(command);
  if (fault !== undefined) return refuse(fault);
  if (upcomingZone(days) === timeZone)
    return refuse({ code: 'time_zone_unchanged', detail: 'The account has, or will have, its days in that zone.' });
  const change = changeOfZone(days, calendar, timeZone, nowMs);
  return accept<AccountTimeZoneChanged>({
    type: 'AccountTimeZoneChanged',
    accountId,
    ...change,
    zoneData: calendar.version,
    changedAtMs: nowMs,
  });
}
