import type { DeckId, LogId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { NumberKind } from '../limits/numbering-plan.js';
import type { CommandMetadata } from '../shared/values.js';
import { type AuthorityOver, noKey, operatorsOnly } from '../shared/authorization.js';

/** Opens the log, which must be empty. */
export type OpenLog = CommandMetadata & { readonly type: 'OpenLog'; readonly logId: LogId; readonly laneCount: number };
/** Publishes a rate deck, whose rows are stored as a blob before the decision. */
export type PublishRateDeck = CommandMetadata & {
  readonly type: 'PublishRateDeck';
  readonly deckId: DeckId;
  readonly currency: string;
  readonly rowCount: number;
  readonly rowsSha256: string;
  readonly effectiveFromMs: EpochMs;
};
/** Declares the territory and kind of a range that the numbering data does not know. */
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
