import { capMax, labelPattern, policyListMax } from '@ringfence/domain/keys/policy-fault';
import { burstCallsMax, callsPerSecondMax, linesMaxMax } from '@ringfence/domain/limits/account-limits';
import { type ScopePreset, scopePresets, scopes } from '@ringfence/domain/shared/scopes';
import { destinationPattern, destinationWords, e164 } from '@ringfence/domain/limits/numbering-plan';
import { modes, revocationPolicies } from '@ringfence/domain/shared/values';
import {
  amountMicros,
  choice,
  choices,
  idText,
  rfc3339Moment,
  singleLine,
  textList,
  wholeNumber,
} from '../../field-rule.js';
import { optional, personal, required } from '../command-field.js';
import { nameCharactersMax } from '../shared-rules.js';

/** Home of a key: an account, or `platform` for an operators' key. */
const keyHomePattern = /^(platform|acc_[0-7][0-9A-HJKMNP-TV-Z]{25})$/;
const presetNames = Object.keys(scopePresets) as readonly ScopePreset[];

/** Permissions and bounds of a key, as a client writes them. */
export const policyFields = {
  preset: optional(choice(presetNames), 'Scopes by the name of a preset; give this or `scopes`.', {
    example: 'Make calls',
  }),
  scopes: optional(choices(scopes), 'Scopes, each once; give this or `preset`.'),
  calls_per_second: optional(wholeNumber(1, callsPerSecondMax), 'New calls a second in the long run.'),
  burst_calls: optional(
    wholeNumber(1, burstCallsMax),
    'Calls that may come at once after a rest; when the key is issued, as `calls_per_second` unless given.',
  ),
  lines_max: optional(wholeNumber(0, linesMaxMax), 'Calls at the same time.'),
  daily_spend_micros_max: optional(
    amountMicros,
    'Money that calls may cost in one local day of the account, reservations included; null: no limit of the key’s own.',
  ),
  destination_prefixes: optional(
    textList(destinationPattern, policyListMax, destinationWords),
    'Territories (US) and prefixes of digits (44, +4420) that it may call; null: every destination that is not costly.',
    { example: ['US', '+44'] },
  ),
  caller_numbers: personal(
    optional(textList(e164, policyListMax, 'a number in E.164'), 'The only numbers it may show as caller; null: any.'),
  ),
  source_cidrs: optional(
    textList(/^[0-9A-Fa-f.:]{2,45}\/\d{1,3}$/, policyListMax, 'a CIDR block'),
    'CIDR blocks that requests must come from; null: anywhere.',
  ),
  expires_at: optional(rfc3339Moment, 'When it stops working; null: never.'),
  on_revoke: optional(choice(revocationPolicies), 'What a revocation does to its live calls.'),
  calls_max: optional(wholeNumber(0, capMax), 'Calls that it may place in its whole life; null: any number.'),
  minutes_max: optional(
    wholeNumber(0, capMax),
    'Minutes that its calls may talk in its whole life; a live call counts with the time that it is authorised for. null: any number.',
  ),
  spend_micros_max: optional(
    amountMicros,
    'Money that its calls may cost in its whole life, reservations included; null: no cap.',
  ),
  project: optional(singleLine(63, labelPattern), 'The project it is for: a clear label, no personal data.'),
  application: optional(singleLine(63, labelPattern), 'The application it is for: a clear label, no personal data.'),
};

export const policyExample = { calls_per_second: 2, lines_max: 10, daily_spend_micros_max: '20000000' };

/** Fields of a new key of either kind. */
export const newKeyFields = {
  account_id: optional(
    singleLine(40, keyHomePattern),
    'The account it belongs to; needed with an operator’s key, which may also say `platform` for another operator’s key.',
  ),
  label: personal(
    required(singleLine(nameCharactersMax), 'What people call it; kept as a personal value.', {
      example: 'Checkout service',
    }),
  ),
  mode: required(choice(modes), 'A test key reaches the sandbox alone.'),
  ...policyFields,
};

export const newKeyExample = { label: 'Checkout service', mode: 'test', preset: 'Make calls', ...policyExample };

/** The key that a command is about. */
export const keyNamed = { key_id: required(idText('key'), 'The key.') };
