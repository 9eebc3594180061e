import type { Scope, ScopePreset } from '@ringfence/domain/keys/scopes';
import { policyFields as fields } from '@ringfence/wire/public-commands';
import { BodyField } from '../edge/fields.js';

/** The policy of a key, as a client writes it. */
export class PolicyFields {
  @BodyField(fields.preset, {
    description: 'Scopes by the name of a preset; give this or `scopes`.',
    example: 'Make calls',
  })
  preset?: ScopePreset | null;

  @BodyField(fields.scopes, { description: 'Scopes, each once; give this or `preset`.' })
  scopes?: readonly Scope[] | null;

  @BodyField(fields.calls_per_second, { description: 'New calls a second in the long run.' })
  calls_per_second?: number | null;

  @BodyField(fields.burst_calls, {
    description:
      'Calls that may come at once after a rest; when the key is issued, as `calls_per_second` unless given.',
  })
  burst_calls?: number | null;

  @BodyField(fields.lines_max, { description: 'Calls at the same time.' })
  lines_max?: number | null;

  @BodyField(fields.daily_spend_micros_max, {
    description:
      'Money that calls may cost in one local day of the account, reservations included; null: no limit of the key’s own.',
  })
  daily_spend_micros_max?: string | null;

  @BodyField(fields.destination_prefixes, {
    description:
      'Territories (US) and prefixes of digits (44, +4420) that it may call; null: every destination that is not costly.',
    example: ['US', '+44'],
  })
  destination_prefixes?: readonly string[] | null;

  @BodyField(fields.caller_numbers, { description: 'The only numbers it may show as caller; null: any.' })
  caller_numbers?: readonly string[] | null;

  @BodyField(fields.source_cidrs, { description: 'CIDR blocks that requests must come from; null: anywhere.' })
  source_cidrs?: readonly string[] | null;

  @BodyField(fields.expires_at, { description: 'When it stops working; null: never.' })
  expires_at?: string | null;

  @BodyField(fields.on_revoke, { description: 'What a revocation does to its live calls.' })
  on_revoke?: 'hangup' | 'drain' | null;

  @BodyField(fields.calls_max, { description: 'Calls that it may place in its whole life; null: any number.' })
  calls_max?: number | null;

  @BodyField(fields.minutes_max, {
    description:
      'Minutes that its calls may talk in its whole life; a live call counts with the time that it is authorised for. null: any number.',
  })
  minutes_max?: number | null;

  @BodyField(fields.spend_micros_max, {
    description: 'Money that its calls may cost in its whole life, reservations included; null: no cap.',
  })
  spend_micros_max?: string | null;

  @BodyField(fields.project, { description: 'The project it is for: a clear label, no personal data.' })
  project?: string | null;

  @BodyField(fields.application, { description: 'The application it is for: a clear label, no personal data.' })
  application?: string | null;
}
