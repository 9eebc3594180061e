import 'reflect-metadata';
import type { PublicCommandName } from '@ringfence/wire/public-commands';
import { AddCreditBody } from '../accounts/add-credit.js';
import { ChangeTimeZoneBody } from '../accounts/change-time-zone.js';
import { EraseSubjectBody } from '../accounts/erase-subject.js';
import { OpenAccountBody } from '../accounts/open-account.js';
import { SetAccountLimitsBody } from '../accounts/set-account-limits.js';
import { SuspendAccountBody } from '../accounts/suspend-account.js';
import { HangUpCallBody } from '../calls/hang-up-call.js';
import { PlaceCallBody } from '../calls/place-call.js';
import { NoFields } from '../edge/no-fields.js';
import { IssueKeyBody } from '../keys/issue-key.js';
import { PolicyFields } from '../keys/policy-fields.js';
import { RegisterSigningKeyBody } from '../keys/register-signing-key.js';
import { RevokeKeyBody } from '../keys/revoke-key.js';
import { RotateKeyBody } from '../keys/rotate-key.js';
import { OpenNumberRangeBody } from '../numbers/open-number-range.js';

type Body = new () => object;

/** The body that HTTP takes for each command; a signed one has its fields, and beside them the ids of the path. */
export const commandBodies: Readonly<Record<PublicCommandName, Body>> = {
  place_call: PlaceCallBody,
  hang_up_call: HangUpCallBody,
  issue_key: IssueKeyBody,
  rotate_key: RotateKeyBody,
  change_key_policy: PolicyFields,
  revoke_key: RevokeKeyBody,
  register_signing_key: RegisterSigningKeyBody,
  suspend_account: SuspendAccountBody,
  resume_account: NoFields,
  set_account_limits: SetAccountLimitsBody,
  change_time_zone: ChangeTimeZoneBody,
  erase_subject: EraseSubjectBody,
  open_account: OpenAccountBody,
  verify_account: NoFields,
  add_credit: AddCreditBody,
  open_number_range: OpenNumberRangeBody,
};

/** What stands in a path over HTTP, and in the value of a signed command. */
export const pathIds: Readonly<Record<string, string>> = {
  call_id: 'The call.',
  key_id: 'The key.',
};

/** What a body says of one of its fields. */
export function saysOf(body: Body, field: string): string | undefined {
  const words: unknown = Reflect.getMetadata('swagger/apiModelProperties', body.prototype as object, field);
  if (typeof words !== 'object' || words === null || !('description' in words)) return undefined;
  return typeof words.description === 'string' ? words.description : undefined;
}
