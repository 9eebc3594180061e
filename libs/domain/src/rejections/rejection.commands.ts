import type { AccountId, KeyId } from '@ringfence/kernel/ids';
import type { CommandMetadata } from '../shared/values.js';
import type { RejectionCode } from './rejection.events.js';
import { type AuthorityOver, noKey } from '../shared/authorization.js';

/**
 * Reports commands that never reached their lane: the signature was wrong, foreign or expired, or a gateway rejected
 * the request. Sent only by the platform's own processes (principal `worker`), under their own command id, so that the
 * id of the unauthenticated command stays free.
 */
export type TurnAwayCommand = CommandMetadata & {
  readonly type: 'TurnAwayCommand';
  /** The account that the command named; null: the platform. */
  readonly accountId: AccountId | null;
  /** null: the command named none. */
  readonly presentedKeyId: KeyId | null;
  readonly code: RejectionCode;
  /** The type of the command, `PlaceCall`; null: unknown to this release, or rejected unread. */
  readonly commandType: string | null;
  /** Number of rejections of this kind, at least 1; several are reported together. */
  readonly count: number;
};

export const rejectionAuthority: AuthorityOver<TurnAwayCommand> = { TurnAwayCommand: noKey };
