import { micros } from '@ringfence/kernel/units';
import { accountOfStream, accountRequest, InvalidField, type RequestBuilder, sentFields } from '../command-request.js';

/**
 * Builds the request. Omitted fields stay as they are; an omitted burst beside a rate equals the rate.
 * @throws InvalidField when there is nothing to set
 */
export const requestSetAccountLimits: RequestBuilder<'set_account_limits'> = (body, { stream }) => {
  const accountId = accountOfStream(stream);
  const { mode, calls_per_second: rate = null, lines_max: linesMax = null, daily_spend_micros_max: spend } = body;
  const burst = body.burst_calls ?? rate;
  if (burst === null && linesMax === null && spend === undefined)
    throw new InvalidField(
      ['lines_max'],
      'required',
      'at least one of lines_max, calls_per_second, burst_calls and daily_spend_micros_max is needed',
    );
  return accountRequest(
    {
      type: 'SetAccountLimits',
      accountId,
      mode,
      callsPerSecond: rate,
      burstCalls: burst,
      linesMax,
      dailySpendMicrosMax: typeof spend === 'string' ? micros(BigInt(spend)) : null,
      dailySpendUnlimited: spend === null,
    },
    sentFields(body),
  );
};
