import type { RejectionCode } from '@ringfence/domain/rejections/rejection.events';
import type { DomainCommandType } from '@ringfence/domain/command';
import type { KeyId, StreamId } from '@ringfence/kernel/ids';

/** A command that is turned away: what its sender is told, and what the log is told. */
export type TurnedAway = {
  /** The account that it named, or `platform`. */
  readonly stream: StreamId;
  readonly code: RejectionCode;
  /** Says what would be right; holds nothing of what was sent. */
  readonly detail: string;
  /** null: it named none */
  readonly presentedKeyId: KeyId | null;
  /** null: nothing that this release knows */
  readonly commandType: DomainCommandType | null;
};
