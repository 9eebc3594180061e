import type { KeyId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';

/**
 * Reasons for a rejection: on the topic of commands, where signatures are verified; at a gateway, where keys are
 * presented; or by the lane, because the key lacks the authority. A refused call of a known key is a CallRefused.
 */
export const rejectionCodes = [
  'signature_missing',
  'signature_invalid',
  'signing_key_unknown',
  /** The key belongs to another account. */
  'signing_key_foreign',
  /** The command was signed for another log. */
  'audience_wrong',
  'command_expired',
  'command_too_old',
  'command_from_the_future',
  'personal_value_in_clear',
  'personal_value_unreadable',
  'command_unknown',
  'command_field_invalid',
  'reply_key_missing',
  'key_unknown',
  'key_revoked',
  'key_expired',
  'scope_missing',
  'presenter_not_allowed',
  /** The key may not be used from the client's address. */
  'source_not_allowed',
  /** A carrier brought a call to a number that no app has. */
  'number_not_assigned',
  /** A carrier brought a call to an app that names no key that answers for it. */
  'answering_key_missing',
] as const;
export type RejectionCode = (typeof rejectionCodes)[number];

/**
 * The first rejected command per key, reason and second, in full. Recorded in the stream of the account that it named,
 * or of the platform.
 */
export type CommandTurnedAway = {
  readonly type: 'CommandTurnedAway';
  /** The key that the command named; null: none, or that second had more keys than are counted separately. */
  readonly presentedKeyId: KeyId | null;
  readonly code: RejectionCode;
  /**
   * The command's name in its type on the topic, `place_call`; null: unknown to this release, or rejected unread by a
   * gateway.
   */
  readonly commandType: string | null;
  /**
   * Number of commands that the event represents; more than 1 if a gateway counted several before reporting them.
   */
  readonly count: number;
  readonly turnedAwayAtMs: EpochMs;
};
/** The count of the other commands of its key and reason in that second. */
export type CommandsTurnedAwayCounted = {
  readonly type: 'CommandsTurnedAwayCounted';
  readonly presentedKeyId: KeyId | null;
  readonly code: RejectionCode;
  /** The second they fell in: whole seconds since the epoch, in milliseconds. */
  readonly secondStartMs: EpochMs;
  /** Commands besides the one recorded in full; at least 1. */
  readonly count: number;
  readonly countedAtMs: EpochMs;
};

export type RejectionEvent = CommandTurnedAway | CommandsTurnedAwayCounted;
