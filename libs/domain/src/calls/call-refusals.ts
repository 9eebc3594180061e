/**
 * Reasons for which PlaceCall is refused, in the order of the checks. The first that applies is recorded.
 */
export const callRefusalCodes = [
  'key_unknown',
  'key_revoked',
  'key_expired',
  'scope_missing',
  'account_not_verified',
  'account_suspended',
  'number_invalid',
  'caller_number_not_allowed',
  'number_range_unknown',
  'destination_not_allowed',
  'voice_app_inactive',
  'rate_limited',
  'lines_exhausted',
  'app_channels_exhausted',
  'key_cap_reached',
  'daily_spend_exceeded',
  'balance_insufficient',
  'no_route',
] as const;
export type CallRefusalCode = (typeof callRefusalCodes)[number];
