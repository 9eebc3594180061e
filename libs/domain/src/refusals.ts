/**
 * Reasons for refusing a command. `kept`: the outcome is stored under the command's id, because neither time, money nor
 * a retry changes it. Otherwise a retry with the same id is decided again.
 */
export const refusalCatalogue = {
  key_unknown: { kept: false },
  key_revoked: { kept: true },
  key_expired: { kept: true },
  scope_missing: { kept: false },
  presenter_not_allowed: { kept: false },
  account_unknown: { kept: false },
  account_already_open: { kept: true },
  account_not_verified: { kept: false },
  account_already_verified: { kept: true },
  account_suspended: { kept: false },
  account_already_suspended: { kept: true },
  account_not_suspended: { kept: true },
  limits_invalid: { kept: true },
  /** An account's own key may only set limits within those approved by an operator. */
  limits_not_approved: { kept: false },
  account_mismatch: { kept: true },
  subject_unknown: { kept: false },
  /** The value is a number that the account has; it can be withdrawn. */
  subject_in_use: { kept: false },
  amount_invalid: { kept: true },
  time_zone_invalid: { kept: true },
  /** Newer zone data, here or in the database, can resolve it. */
  time_zone_disputed: { kept: false },
  time_zone_unchanged: { kept: true },
  currency_invalid: { kept: true },
  /** An operator can publish a deck. */
  currency_without_deck: { kept: false },
  key_already_issued: { kept: true },
  key_already_revoked: { kept: true },
  /** A signing key has no secret: register another and revoke this one. */
  key_not_rotatable: { kept: true },
  public_key_invalid: { kept: true },
  policy_invalid: { kept: true },
  overlap_too_long: { kept: true },
  number_invalid: { kept: true },
  caller_number_not_allowed: { kept: false },
  /** A number in no range of the numbering data; an operator can open the range. */
  number_range_unknown: { kept: false },
  destination_not_allowed: { kept: false },
  /** The caller number is assigned to an app that takes no calls; it can be made active. */
  voice_app_inactive: { kept: false },
  rate_limited: { kept: false },
  lines_exhausted: { kept: false },
  /** The app of the caller number has as many live calls as it may; one of them can end. */
  app_channels_exhausted: { kept: false },
  /** A lifetime cap of the key, or of an ancestor, is used up: calls, minutes or money. */
  key_cap_reached: { kept: false },
  daily_spend_exceeded: { kept: false },
  balance_insufficient: { kept: false },
  no_route: { kept: false },
  /** An account has the number; it can be withdrawn. */
  number_already_added: { kept: false },
  numbers_exhausted: { kept: false },
  number_unknown: { kept: false },
  /** A selection by conditions that no number of the account meets. */
  no_numbers_selected: { kept: false },
  number_already_received: { kept: true },
  /** Final, because the inventory gives the number to another account on account of it. */
  number_undeliverable: { kept: true },
  call_already_placed: { kept: true },
  call_already_received: { kept: true },
  /** A call came to a number that is assigned to no app; it can be assigned. */
  number_not_assigned: { kept: false },
  /** A call came to an app without a key that answers for it; the app can name one. */
  answering_key_missing: { kept: false },
  /** An app names a key that cannot answer for it: unknown, revoked, of the other mode, or without the scope. */
  answering_key_unusable: { kept: false },
  call_unknown: { kept: false },
  call_not_live: { kept: true },
  leg_not_found: { kept: true },
  /** The call is not answered yet; it may be soon. */
  call_not_controllable: { kept: false },
  progress_already_recorded: { kept: false },
  attempt_mismatch: { kept: false },
  webhook_secret_unknown: { kept: false },
  webhook_secret_already_created: { kept: true },
  /** The account has as many secrets of this mode as it may have; deleting one makes room. */
  webhook_secrets_exhausted: { kept: false },
  /** An app is signed for with it; another secret for the app, or none, makes it free. */
  webhook_secret_in_use: { kept: false },
  voice_app_unknown: { kept: false },
  voice_app_already_created: { kept: true },
  /** The account has as many apps of this mode as it may have; deleting one makes room. */
  voice_apps_exhausted: { kept: false },
  /** An app names a secret that does not exist in its mode; it can be created. */
  app_secret_unknown: { kept: false },
  /** A new app names a number that the account does not have in its mode; an operator can add it. */
  app_number_unknown: { kept: false },
  /** Numbers are assigned to the app; unassigning them makes it free. */
  voice_app_in_use: { kept: false },
  ip_list_unknown: { kept: false },
  ip_list_already_created: { kept: true },
  /** The account has as many IP lists of this mode as it may have; deleting one makes room. */
  ip_lists_exhausted: { kept: false },
  ip_list_invalid: { kept: true },
  /** A trunk is reached from its addresses; another authentication of the trunk makes it free. */
  ip_list_in_use: { kept: false },
  sip_trunk_unknown: { kept: false },
  sip_trunk_already_created: { kept: true },
  /** The account has as many trunks of this mode as it may have; deleting one makes room. */
  sip_trunks_exhausted: { kept: false },
  /** Numbers are assigned to the trunk; unassigning them makes it free. */
  sip_trunk_in_use: { kept: false },
  /** Settings that exclude each other, some of which may be those of before; they can be changed. */
  sip_trunk_invalid: { kept: false },
  /** A trunk names a secret, or an IP list, that does not exist in its mode; it can be created. */
  trunk_secret_unknown: { kept: false },
  trunk_ip_list_unknown: { kept: false },
  /** A change that names nothing. */
  nothing_to_change: { kept: true },
  log_already_open: { kept: true },
  deck_already_published: { kept: true },
  number_range_invalid: { kept: true },
  nothing_due: { kept: false },
  /** A further rejection of the same key, reason and second: counted, not recorded. */
  turning_away_counted: { kept: false },
  /** A number was erased while the command was in flight; a retry with the number creates a new subject. */
  number_erased: { kept: false },
  /** A command that waited past its deadline and was not decided. */
  deadline_passed: { kept: false },
  /** The lane's queue, or the account's share of it, was full. */
  overloaded: { kept: false },
  /** A command that made the decider fail twice, on its own; operator action required. */
  command_parked: { kept: true },
  /**
   * The account's history, or its timer, makes our software fail; operator action required. Until then, at most
   * commands that end something are decided.
   */
  account_quarantined: { kept: false },
} as const satisfies Record<string, { readonly kept: boolean }>;
export type RefusalCode = keyof typeof refusalCatalogue;

/** The reason of a refusal, with the data that a caller needs to act on it. */
export type Refusal = {
  readonly code: RefusalCode;
  /** A sentence with the expectation, without personal data or secrets. */
  readonly detail: string;
  /** Time after which a retry may succeed. */
  readonly retryAfterMs?: number;
  /** The limit that was reached, for `RateLimit` headers and people. */
  readonly limit?: { readonly name: string; readonly max: string; readonly used: string };
};
