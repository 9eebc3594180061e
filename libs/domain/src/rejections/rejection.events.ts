import type { KeyId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';

/**
 * Why a command was turned away: at the door of the command topic, where its signature is looked at; at a gateway, where a key is shown; or by the lane,
 * because the key that it was presented with may not wish for it. A call that a known key may not place is told of by CallRefused.
 */
export const turnAwayCodes = [
  'signature_missing',
  'signature_invalid',
  'signing_key_unknown',
  /** The key belongs to another account. */
  'signing_key_foreign',
  /** It was signed for another log. */
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
  /** The key may not be used from the address that it was shown from. */
  'source_not_allowed',
] as const;
export type TurnAwayCode = (typeof turnAwayCodes)[number];

/** The first turned away of its presented key and reason in one second, in full. In the stream of the account that it named, or of the platform. */
export type CommandTurnedAway = {
  readonly type: 'CommandTurnedAway';
  /** The key that the command named; null: it named none, or so many different ones came in that second that they are not told apart. */
  readonly presentedKeyId: KeyId | null;
  readonly code: TurnAwayCode;
  /** The command's name as it stands in its type on the topic, `place_call`; null: it is none that this release knows, or a gateway turned it away before it was looked at. */
  readonly commandType: string | null;
  /** How many it stands for; more than 1: a gateway has counted them together before it told of them. */
  readonly count: number;
  readonly turnedAwayAtMs: EpochMs;
};
/** The others of that second, counted. */
export type CommandsTurnedAwayCounted = {
  readonly type: 'CommandsTurnedAwayCounted';
  readonly presentedKeyId: KeyId | null;
  readonly code: TurnAwayCode;
  /** The second they fell in: whole seconds since the epoch, in milliseconds. */
  readonly secondStartMs: EpochMs;
  /** Those besides what was recorded in full; at least 1. */
  readonly count: number;
  readonly countedAtMs: EpochMs;
};

export type RejectionEvent = CommandTurnedAway | CommandsTurnedAwayCounted;
