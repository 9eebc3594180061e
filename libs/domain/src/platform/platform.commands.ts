import type { DeckId, LogId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { NumberKind } from '../limits/numbering-plan.js';
import type { CommandMetadata } from '../shared/values.js';
import { type AuthorityOver, noKey, operatorsOnly } from '../shared/authorization.js';

/** Only on an empty log. */
export type OpenLog = CommandMetadata & { readonly type: 'OpenLog'; readonly logId: LogId; readonly laneCount: number };
/** The rows' blob is stored before this is decided. */
export type PublishRateDeck = CommandMetadata & {
  readonly type: 'PublishRateDeck';
  readonly deckId: DeckId;
  readonly currency: string;
  readonly rowCount: number;
  readonly rowsSha256: string;
  readonly effectiveFromMs: EpochMs;
};
/** Says what a range is that the numbering data does not know. */
export type OpenNumberRange = CommandMetadata & {
  readonly type: 'OpenNumberRange';
  /** Digits without `+`. */
  readonly prefix: string;
  readonly territory: string | null;
  readonly kind: NumberKind;
  /** null: from the decision on. */
  readonly effectiveFromMs: EpochMs | null;
  readonly effectiveUntilMs: EpochMs | null;
};
export type PlatformCommand = OpenLog | PublishRateDeck | OpenNumberRange;

export const platformAuthority: AuthorityOver<PlatformCommand> = {
  OpenLog: noKey,
  PublishRateDeck: operatorsOnly,
  OpenNumberRange: operatorsOnly,
};
