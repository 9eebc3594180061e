import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import type { CommandMetadata } from '../shared/values.js';
import type { RejectionCode } from './rejection.events.js';
import { type AuthorityOver, noKey } from '../shared/authorization.js';

/**
 * Reports commands that never reached their lane: the signature was wrong, foreign or expired, or a gateway rejected
 * the request. Only the platform's own processes (principal `worker`) send it, under an id of their own: the id that
 * the unproven command chose stays free.
 */
export type TurnAwayCommand = CommandMetadata & {
  readonly type: 'TurnAwayCommand';
  /** The account that the command named; null: the platform. */
  readonly accountId: AccountId | null;
  /** null: it named none. */
  readonly presentedKeyId: KeyId | null;
  readonly code: RejectionCode;
  /** The type of the command, `PlaceCall`; null: none that this release knows, or it was rejected unread. */
  readonly commandType: string | null;
  /** Number of rejections of this kind, at least 1: many are reported together. */
  readonly count: number;
};

export const rejectionAuthority: AuthorityOver<TurnAwayCommand> = { TurnAwayCommand: noKey };
