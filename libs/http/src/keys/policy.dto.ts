import { revocationPolicies } from '@ringfence/domain/platform/values';
import {
  burstCallsMax,
  callsPerSecondMax,
  labelPattern,
  linesMaxMax,
  policyListMax,
} from '@ringfence/domain/keys/policy-fault';
import { scopePresets, scopes, type Scope, type ScopePreset } from '@ringfence/domain/keys/scopes';
import { AmountMicros, Choice, Choices, e164Pattern, Moment, Text, TextList, WholeNumber } from '../edge/fields.js';

export const presetNames = Object.keys(scopePresets) as readonly ScopePreset[];

/** What a key may do, as a client writes it. */
export class PolicyFields {
  @Choice({ says: 'Scopes by the name of a preset; give this or `scopes`.', of: presetNames, example: 'Make calls' })
  preset?: ScopePreset | null;

  @Choices({ says: 'Scopes, each once; give this or `preset`.', of: scopes })
  scopes?: readonly Scope[] | null;

  @WholeNumber({ says: 'New calls a second in the long run.', least: 1, most: callsPerSecondMax })
  calls_per_second?: number | null;

  @WholeNumber({
    says: 'Calls that may come at once after a rest; when the key is issued, as `calls_per_second` unless given.',
    least: 1,
    most: burstCallsMax,
  })
  burst_calls?: number | null;

  @WholeNumber({ says: 'Calls at the same time.', least: 0, most: linesMaxMax })
  lines_max?: number | null;

  @AmountMicros({
    says: 'Money that calls may cost in one local day of the account, reservations included; null: no limit of the key’s own.',
  })
  daily_spend_micros_max?: string | null;

  @TextList({
    says: 'Destination prefixes, digits without +; null: every destination but the costly ranges.',
    each: /^\d{1,15}$/,
    itemsMax: policyListMax,
    itemIs: '1 to 15 digits',
  })
  destination_prefixes?: readonly string[] | null;

  @TextList({
    says: 'The only numbers it may show as caller; null: any.',
    each: e164Pattern,
    itemsMax: policyListMax,
    itemIs: 'a number in E.164',
  })
  caller_numbers?: readonly string[] | null;

  @TextList({
    says: 'CIDR blocks that requests must come from; null: anywhere.',
    each: /^[0-9A-Fa-f.:]{2,45}\/\d{1,3}$/,
    itemsMax: policyListMax,
    itemIs: 'a CIDR block',
  })
  source_cidrs?: readonly string[] | null;

  @Moment({ says: 'When it stops working; null: never.' })
  expires_at?: string | null;

  @Choice({ says: 'What a revocation does to its live calls.', of: revocationPolicies })
  on_revoke?: 'hangup' | 'drain' | null;

  @Text({ says: 'The project it is for: a clear label, no personal data.', charactersMax: 63, pattern: labelPattern })
  project?: string | null;

  @Text({
    says: 'The application it is for: a clear label, no personal data.',
    charactersMax: 63,
    pattern: labelPattern,
  })
  application?: string | null;
}
