import { isDisputed } from '@ringfence/calendar/database-zones';
import { accountOfStream, accountRequest, type RequestBuilder } from '../command-request.js';

export const requestChangeTimeZone: RequestBuilder<'change_time_zone', 'calendar' | 'zones'> = async (
  { time_zone: timeZone },
  { stream },
  parts,
) => {
  const accountId = accountOfStream(stream);
  const zoneDisputed = await isDisputed(timeZone, parts);
  return accountRequest({ type: 'ChangeTimeZone', accountId, timeZone, zoneDisputed }, { time_zone: timeZone });
};
