import { examplePublicKey } from '../keys/register-signing-key.js';

const key = { label: 'Checkout service', mode: 'test', preset: 'Make calls' };
const limits = { calls_per_second: 2, lines_max: 10, daily_spend_micros_max: '20000000' };

/** One whole body for each schema of a request, by the schema's name: sent as it stands it does what its route is for. */
export const bodyExamples: Readonly<Record<string, object>> = {
  PlaceCallBody: {
    from_number: '+15005550100',
    to_number: '+15005550000',
    flow_url: 'https://example.com/flow',
  },
  HangUpCallBody: {},
  OpenAccountBody: { name: 'Example GmbH', currency: 'USD', region: 'eu', time_zone: 'Europe/Berlin' },
  NoFields: {},
  ChangeTimeZoneBody: { time_zone: 'America/New_York' },
  SetAccountLimitsBody: { mode: 'test', lines_max: 500 },
  SuspendAccountBody: { reason: 'requested' },
  AddCreditBody: { mode: 'test', amount_micros: '5000000', reference: 'invoice 2026-117' },
  EraseSubjectBody: { value: '+15005550100' },
  IssueKeyBody: { ...key, ...limits },
  RegisterSigningKeyBody: { ...key, ...limits, public_key: examplePublicKey },
  RotateKeyBody: { overlap_seconds: 3600 },
  PolicyFields: limits,
  RevokeKeyBody: { reason: 'leaked' },
  OpenNumberRangeBody: { prefix: '1565', territory: 'US', kind: 'fixed_line_or_mobile' },
};
