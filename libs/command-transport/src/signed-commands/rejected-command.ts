import type { RejectionCode } from '@ringfence/domain/rejections/rejection.events';
import type { DomainCommandType } from '@ringfence/domain/command';
import type { KeyId, StreamId } from '@ringfence/kernel/ids';

/** A command that never reaches a decision, with the data reported to its sender and to the log. */
export type RejectedCommand = {
  /** The account that the command named, or `platform`. */
  readonly stream: StreamId;
  readonly code: RejectionCode;
  /** Describes what is expected; contains nothing of what was sent. */
  readonly detail: string;
  /** null: the command named none */
  readonly presentedKeyId: KeyId | null;
  /** null: no command that this release knows */
  readonly commandType: DomainCommandType | null;
};
