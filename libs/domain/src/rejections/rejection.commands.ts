import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import type { CommandMetadata } from '../shared/values.js';
import type { TurnAwayCode } from './rejection.events.js';

/**
 * A command never reached its lane, because its signature was wrong, foreign, expired …, or a gateway turned away who asked. Given by the platform's own
 * processes alone (presenter `worker`), under an id of their own: the id that the unproven command chose stays free.
 */
export type TurnAwayCommand = CommandMetadata & {
  readonly type: 'TurnAwayCommand';
  /** The account that the command named; null: the platform. */
  readonly accountId: AccountId | null;
  /** null: it named none. */
  readonly presentedKeyId: KeyId | null;
  readonly code: TurnAwayCode;
  /** The type of the command, `PlaceCall`; null: none that this release knows, or it was rejected unread. */
  readonly commandType: string | null;
  /** How many were turned away alike, at least 1: whoever turns away many tells of them together. */
  readonly count: number;
};
