import type { KeyId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';

/**
 * Reasons of a rejection: on the command topic, where its signature is verified; at a gateway, where a key is
 * presented; or by the lane, because its key lacks the authority. A call that a known key may not place is recorded by
 * CallRefused.
 */
export const rejectionCodes = [
  'signature_missing',
  'signature_invalid',
  'signing_key_unknown',
  /** The key belongs to another account. */
  'signing_key_foreign',
  /** A command signed for another log. */
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
  /** The key may not be used from the address that it was presented from. */
  'source_not_allowed',
] as const;
export type RejectionCode = (typeof rejectionCodes)[number];

/**
 * The first rejected command of its key and reason in one second, in full. In the stream of the account that it named,
 * or of the platform.
 */
export type CommandTurnedAway = {
  readonly type: 'CommandTurnedAway';
  /** The key that the command named; null: none, or more different keys came in that second than are counted apart. */
  readonly presentedKeyId: KeyId | null;
  readonly code: RejectionCode;
  /**
   * The command's name as its type on the topic spells it, `place_call`; null: none that this release knows, or a
   * gateway rejected it unread.
   */
  readonly commandType: string | null;
  /**
   * Number of commands that the event represents; more than 1: a gateway counted them together before it reported them.
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
