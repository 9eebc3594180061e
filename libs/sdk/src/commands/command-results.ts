import { isRecord } from '@ringfence/event-catalog/shape-codec';
import type { PublicCommandName } from '@ringfence/wire/public-commands';
import type { CommandResults, ResultOf } from '../outcome.js';

/** An accepted command's result with the names of the platform; a secret as it is shown. */
export type PlainResult = { readonly ids: Readonly<Record<string, unknown>>; readonly secret: string | null };

const keyed = ({ ids }: PlainResult) => ({ keyId: text(ids, 'key_id') });
const ofAccount = ({ ids }: PlainResult) => ({ accountId: text(ids, 'account_id') });
const withSecret = (result: PlainResult) => ({ ...keyed(result), secret: result.secret });

const readers: { readonly [Name in PublicCommandName]: (result: PlainResult) => CommandResults[Name] } = {
  place_call: ({ ids }) => ({ callId: text(ids, 'call_id'), warnings: warningsIn(ids) }),
  hang_up_call: ({ ids }) => ({ requestId: text(ids, 'request_id'), warnings: warningsIn(ids) }),
  issue_key: withSecret,
  rotate_key: withSecret,
  change_key_policy: keyed,
  revoke_key: keyed,
  register_signing_key: keyed,
  suspend_account: ofAccount,
  resume_account: ofAccount,
  set_account_limits: ofAccount,
  change_time_zone: ofAccount,
  erase_subject: ({ ids }) => ({ subjectId: text(ids, 'subject_id') }),
  open_account: ofAccount,
  verify_account: ofAccount,
  add_credit: ofAccount,
  open_number_range: ({ ids }) => ({ prefix: text(ids, 'prefix') }),
};

export function resultOf<Name extends PublicCommandName>(name: Name, result: PlainResult): ResultOf<Name> {
  return readers[name](result);
}

/** An id that a later release does not tell any more is no reason to take an accepted command for anything else. */
function text(ids: PlainResult['ids'], name: string): string {
  const value = ids[name];
  return typeof value === 'string' ? value : '';
}

/** Over Kafka a warning is its code; over HTTP an object with it. */
function warningsIn({ warnings }: PlainResult['ids']): readonly string[] {
  const given: readonly unknown[] = Array.isArray(warnings) ? warnings : [];
  return given
    .map((warning) => (isRecord(warning) ? warning['code'] : warning))
    .filter((code): code is string => typeof code === 'string');
}
