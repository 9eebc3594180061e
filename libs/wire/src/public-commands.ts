import type { SuspensionReason } from '@ringfence/domain/accounts/account.events';
import type { DomainCommandType } from '@ringfence/domain/command';
import { revocationReasons } from '@ringfence/domain/keys/key.events';
import { capMax, labelPattern, policyListMax } from '@ringfence/domain/keys/policy-fault';
import { burstCallsMax, callsPerSecondMax, linesMaxMax } from '@ringfence/domain/limits/account-limits';
import { scopePresets, scopes, type ScopePreset } from '@ringfence/domain/keys/scopes';
import {
  destinationPattern,
  destinationWords,
  e164,
  numberKinds,
  territoryPattern,
} from '@ringfence/domain/limits/numbering-plan';
import { modes, revocationPolicies } from '@ringfence/domain/shared/values';
import {
  amountMicros,
  choice,
  choices,
  e164Number,
  ed25519Jwk,
  type FieldRule,
  idText,
  singleLine,
  rfc3339Moment,
  textList,
  webUrl,
  wholeNumber,
  boolean,
} from './field-rule.js';
import { commandTypePrefix } from './signed-command.js';

/** A field of a command's body. One that is not `required` may be left out or null. */
export type CommandField<Value, Required extends boolean = boolean> = {
  readonly rule: FieldRule<Value>;
  readonly required: Required;
  /** On a topic it is a compact JWE (of a list: each item), never clear. */
  readonly personal: boolean;
};
export type CommandFields = { readonly [name: string]: CommandField<unknown> };

const required = <Value>(rule: FieldRule<Value>): CommandField<Value, true> => ({
  rule,
  required: true,
  personal: false,
});
const optional = <Value>(rule: FieldRule<Value>): CommandField<Value, false> => ({
  rule,
  required: false,
  personal: false,
});
const personal = <Value, Required extends boolean>(field: CommandField<Value, Required>) => ({ ...field, personal: true }); // prettier-ignore

const overlapSecondsMax = 2_592_000;
export const overlapSecondsDefault = 3_600;
const nameCharactersMax = 200;
/** `platform`: an operators' key. */
const keyHomePattern = /^(platform|acc_[0-7][0-9A-HJKMNP-TV-Z]{25})$/;
/** `quarantined` is the platform's own. */
const suspensionReasonsOffered = ['requested', 'fraud', 'unpaid'] as const satisfies readonly SuspensionReason[];
export type SuspensionReasonOffered = (typeof suspensionReasonsOffered)[number];
/** The sandbox has its range, and no other. */
const numberKindsOffered = numberKinds.filter((kind) => kind !== 'sandbox');
const presetNames = Object.keys(scopePresets) as readonly ScopePreset[];

const timeZoneName = singleLine(64, /^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/);

/** What a key may do, as a client writes it. */
export const policyFields = {
  preset: optional(choice(presetNames)),
  scopes: optional(choices(scopes)),
  calls_per_second: optional(wholeNumber(1, callsPerSecondMax)),
  burst_calls: optional(wholeNumber(1, burstCallsMax)),
  lines_max: optional(wholeNumber(0, linesMaxMax)),
  daily_spend_micros_max: optional(amountMicros),
  destination_prefixes: optional(textList(destinationPattern, policyListMax, destinationWords)),
  caller_numbers: personal(optional(textList(e164, policyListMax, 'a number in E.164'))),
  source_cidrs: optional(textList(/^[0-9A-Fa-f.:]{2,45}\/\d{1,3}$/, policyListMax, 'a CIDR block')),
  expires_at: optional(rfc3339Moment),
  on_revoke: optional(choice(revocationPolicies)),
  calls_max: optional(wholeNumber(0, capMax)),
  minutes_max: optional(wholeNumber(0, capMax)),
  spend_micros_max: optional(amountMicros),
  project: optional(singleLine(63, labelPattern)),
  application: optional(singleLine(63, labelPattern)),
};
const newKeyFields = {
  account_id: optional(singleLine(40, keyHomePattern)),
  label: personal(required(singleLine(nameCharactersMax))),
  mode: required(choice(modes)),
  ...policyFields,
};
const ofKey = { key_id: required(idText('key')) };

type Definition = {
  /** What the lane decides. */
  readonly commandType: DomainCommandType;
  /** Whether only an operator's signing key may ask for it. */
  readonly operatorsOnly: boolean;
  /** Whether its answer holds a secret, so that it has to name a key for the reply. */
  readonly answersSecret: boolean;
  readonly fields: CommandFields;
};
const everybody = { operatorsOnly: false, answersSecret: false };
const operators = { operatorsOnly: true, answersSecret: false };

/** Every command that a client may publish, by the name in its type `ringfence.command.<name>.v1`, with the fields of its value. */
export const publicCommands = {
  place_call: {
    commandType: 'PlaceCall',
    ...everybody,
    fields: {
      from_number: personal(required(e164Number)),
      to_number: personal(required(e164Number)),
      flow_url: personal(required(webUrl)),
      status_callback_url: personal(optional(webUrl)),
      record: optional(boolean),
    },
  },
  hang_up_call: {
    commandType: 'HangUpCall',
    ...everybody,
    fields: {
      call_id: required(idText('cs')),
      leg_id: optional(idText('cl')),
      reason: personal(optional(singleLine(255))),
    },
  },
  issue_key: { commandType: 'IssueKey', operatorsOnly: false, answersSecret: true, fields: newKeyFields },
  rotate_key: {
    commandType: 'RotateKey',
    operatorsOnly: false,
    answersSecret: true,
    fields: { ...ofKey, overlap_seconds: optional(wholeNumber(0, overlapSecondsMax)) },
  },
  change_key_policy: { commandType: 'ChangeKeyPolicy', ...everybody, fields: { ...ofKey, ...policyFields } },
  revoke_key: {
    commandType: 'RevokeKey',
    ...everybody,
    fields: { ...ofKey, reason: optional(choice(revocationReasons)), on_revoke: optional(choice(revocationPolicies)) },
  },
  register_signing_key: {
    commandType: 'RegisterSigningKey',
    ...everybody,
    fields: { ...newKeyFields, public_key: required(ed25519Jwk) },
  },
  suspend_account: {
    commandType: 'SuspendAccount',
    ...everybody,
    fields: { reason: required(choice(suspensionReasonsOffered)) },
  },
  set_account_limits: {
    commandType: 'SetAccountLimits',
    ...everybody,
    fields: {
      mode: required(choice(modes)),
      lines_max: optional(wholeNumber(0, linesMaxMax)),
      calls_per_second: optional(wholeNumber(1, callsPerSecondMax)),
      burst_calls: optional(wholeNumber(1, burstCallsMax)),
      daily_spend_micros_max: optional(amountMicros),
    },
  },
  change_time_zone: { commandType: 'ChangeTimeZone', ...everybody, fields: { time_zone: required(timeZoneName) } },
  erase_subject: {
    commandType: 'EraseSubject',
    ...everybody,
    fields: { value: personal(optional(singleLine(2_048))), subject_id: optional(idText('sub')) },
  },
  open_account: {
    commandType: 'OpenAccount',
    ...operators,
    fields: {
      name: personal(required(singleLine(nameCharactersMax))),
      currency: required(singleLine(3, /^[A-Z]{3}$/)),
      region: optional(singleLine(32, /^[a-z][a-z0-9-]{1,31}$/)),
      time_zone: optional(timeZoneName),
    },
  },
  resume_account: { commandType: 'ResumeAccount', ...operators, fields: {} },
  verify_account: { commandType: 'VerifyAccount', ...operators, fields: {} },
  add_credit: {
    commandType: 'AddCredit',
    ...operators,
    fields: {
      mode: required(choice(modes)),
      amount_micros: required(amountMicros),
      reference: personal(optional(singleLine(nameCharactersMax))),
    },
  },
  open_number_range: {
    commandType: 'OpenNumberRange',
    ...operators,
    fields: {
      prefix: required(singleLine(15, /^[1-9]\d{0,14}$/)),
      territory: optional(singleLine(2, territoryPattern)),
      kind: required(choice(numberKindsOffered)),
      effective_from: optional(rfc3339Moment),
      effective_until: optional(rfc3339Moment),
    },
  },
} as const satisfies { readonly [name: string]: Definition };

export type PublicCommandName = keyof typeof publicCommands;
export const publicCommandNames = Object.keys(publicCommands) as readonly PublicCommandName[];

type ValueOf<Field> = Field extends CommandField<infer Value> ? Value : never;
type RequiredIn<Fields> = { [Name in keyof Fields]: Fields[Name] extends CommandField<unknown, true> ? Name : never }[keyof Fields]; // prettier-ignore
/** A body whose fields are right, personal ones in clear: what HTTP takes, and what a signed command holds when it was opened. */
export type BodyOf<Fields> = { readonly [Name in RequiredIn<Fields>]: ValueOf<Fields[Name]> } & {
  readonly [Name in Exclude<keyof Fields, RequiredIn<Fields>>]?: ValueOf<Fields[Name]> | null;
};
export type CommandBody<Name extends PublicCommandName> = BodyOf<(typeof publicCommands)[Name]['fields']>;

const commandVersion = 1;
const typePattern = /^ringfence\.command\.([a-z]+(?:_[a-z]+)*)\.v([1-9]\d{0,3})$/;

export function commandTypeOf(name: PublicCommandName): string {
  return `${commandTypePrefix}${name}.v${String(commandVersion)}`;
}

/** undefined: this release knows no such command, or not in this version */
export function commandNameIn(type: string): PublicCommandName | undefined {
  const [, name = '', version = ''] = typePattern.exec(type) ?? [];
  return version === String(commandVersion) ? publicCommandNames.find((each) => each === name) : undefined;
}
