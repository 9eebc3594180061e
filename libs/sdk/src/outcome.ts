import type { PublicCommandName } from '@ringfence/wire/public-commands';

/** What became of a command: exactly one of these, whichever way it was asked for and however often. */
export type Outcome<Result> = Accepted<Result> | Refused | Unknown;

export type Accepted<Result> = {
  readonly status: 'accepted';
  readonly id: string;
  /** Opaque: hand it to a read as `min_position` to see what this command did. */
  readonly position: string;
  /** It had been accepted before, under this id: this is the same outcome. */
  readonly replayed: boolean;
  readonly result: Result;
};

/** Turned down, for one reason; docs/backend.md lists the codes. */
export type Refused = {
  readonly status: 'refused';
  readonly id: string;
  readonly code: string;
  readonly detail: string;
  /** When it may be otherwise; null: it does not say. */
  readonly retryAfterMs: number | null;
};

/** It may have been carried out, or be carried out yet. Ask again with the same id: nothing happens twice. */
export type Unknown = {
  readonly status: 'unknown';
  readonly id: string;
  readonly code: string;
  readonly detail: string;
};

/** Codes of the fields that were accepted and have no effect in this release; docs/backend.md lists them. */
type WithWarnings = { readonly warnings: readonly string[] };
type OfKey = { readonly keyId: string };
type OfAccount = { readonly accountId: string };
/** `secret`: shown once, with the first outcome; null: it was shown before. */
type WithSecret = OfKey & { readonly secret: string | null };

/** What an accepted command answers. */
export type CommandResults = {
  readonly place_call: { readonly callId: string } & WithWarnings;
  readonly hang_up_call: { readonly requestId: string } & WithWarnings;
  readonly issue_key: WithSecret;
  readonly rotate_key: WithSecret;
  readonly change_key_policy: OfKey;
  readonly revoke_key: OfKey;
  readonly register_signing_key: OfKey;
  readonly suspend_account: OfAccount;
  readonly resume_account: OfAccount;
  readonly set_account_limits: OfAccount;
  readonly change_time_zone: OfAccount;
  readonly erase_subject: { readonly subjectId: string };
  readonly open_account: OfAccount;
  readonly verify_account: OfAccount;
  readonly add_credit: OfAccount;
  readonly open_number_range: { readonly prefix: string };
};
export type ResultOf<Name extends PublicCommandName> = CommandResults[Name];
