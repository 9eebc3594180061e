import { isDisputed } from '@ringfence/calendar/database-zones';
import { platformStream } from '@ringfence/kernel/ids';
import { accountRequest, InvalidField, type RequestBuilder } from '../command-request.js';

/** Builds the request for the platform's stream; the account's id is derived from the client's key. */
export const requestOpenAccount: RequestBuilder<'open_account', 'vault' | 'identity' | 'calendar' | 'zones'> = async (
  body,
  { stream, keyId, clientKey },
  parts,
) => {
  if (stream !== platformStream)
    throw new InvalidField(['subject'], 'platform', 'is `platform`: the account gets its id');
  const { vault, identity } = parts;
  const accountId = identity.accountIdFor(keyId, clientKey);
  const { name, currency } = body;
  const [region, timeZone] = [body.region ?? 'eu', body.time_zone ?? 'UTC'];
  const zoneDisputed = await isDisputed(timeZone, parts);
  return accountRequest(
    {
      type: 'OpenAccount',
      accountId,
      name: await vault.seal(accountId, name),
      currency,
      region,
      timeZone,
      zoneDisputed,
    },
    { name, currency, region, time_zone: timeZone },
  );
};
