/**
 * Every reason a command can be turned down for. `kept`: the outcome is remembered under its command id, because
 * neither time, money nor a retry cures it; the others are decided afresh when the same id comes again.
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
  /** An account's own key may move within what an operator has approved. */
  limits_not_approved: { kept: false },
  account_mismatch: { kept: true },
  subject_unknown: { kept: false },
  amount_invalid: { kept: true },
  time_zone_invalid: { kept: true },
  /** Newer zone data, here or in the database, can end it. */
  time_zone_disputed: { kept: false },
  time_zone_unchanged: { kept: true },
  currency_invalid: { kept: true },
  /** An operator can publish one. */
  currency_without_deck: { kept: false },
  key_already_issued: { kept: true },
  key_already_revoked: { kept: true },
  /** A signing key has no secret to change: another is registered, and this one revoked. */
  key_not_rotatable: { kept: true },
  public_key_invalid: { kept: true },
  policy_invalid: { kept: true },
  overlap_too_long: { kept: true },
  number_invalid: { kept: true },
  caller_number_not_allowed: { kept: false },
  /** A number in no range of the numbering data; an operator can open the range. */
  number_range_unknown: { kept: false },
  destination_not_allowed: { kept: false },
  rate_limited: { kept: false },
  lines_exhausted: { kept: false },
  /** A life-long cap of the key, or of one that it is a child of, is used up: calls, minutes or money. */
  key_cap_reached: { kept: false },
  daily_spend_exceeded: { kept: false },
  balance_insufficient: { kept: false },
  no_route: { kept: false },
  call_already_placed: { kept: true },
  call_unknown: { kept: false },
  call_not_live: { kept: true },
  leg_not_found: { kept: true },
  progress_already_recorded: { kept: false },
  attempt_mismatch: { kept: false },
  log_already_open: { kept: true },
  deck_already_published: { kept: true },
  number_range_invalid: { kept: true },
  nothing_due: { kept: false },
  /** One more of its key, reason and second: counted, not written. */
  turning_away_counted: { kept: false },
  /** A number was erased while the command was on its way: with the number, sent again, it is a new subject's. */
  number_erased: { kept: false },
  /** A command that waited past its deadline and was not decided. */
  deadline_passed: { kept: false },
  /** The lane's queue, or the account's share of it, was full. */
  overloaded: { kept: false },
  /** A command that made the decider fail twice, on its own; operator action required. */
  command_parked: { kept: true },
  /**
   * The account's own history, or its timer, makes our software fail; an operator has to look. Until then it is drained
   * at most.
   */
  account_quarantined: { kept: false },
} as const satisfies Record<string, { readonly kept: boolean }>;
export type RefusalCode = keyof typeof refusalCatalogue;

/** One reason, with what the caller needs to act on it. */
export type Refusal = {
  readonly code: RefusalCode;
  /** A sentence that says what would be right; no personal data, no secret. */
  readonly detail: string;
  /** Time to retry after, for what time cures. */
  readonly retryAfterMs?: number;
  /** The limit that was met, for `RateLimit` headers and people. */
  readonly limit?: { readonly name: string; readonly max: string; readonly used: string };
};
