import type { SealedText } from '@ringfence/domain/shared/values';
import type { OperationId, StreamId, SubjectId } from '@ringfence/kernel/ids';

/** The longest that a deposited value can be claimed. */
export const depositMsMax = 60_000;

/** Token of the port, for `@Inject`. */
export const SUBJECT_VAULT = Symbol('SubjectVault');
/** Maps values to subjects and their data keys. Values are NFC text of 1–2 048 characters. */
export interface SubjectVault {
  /** Seals a value. Settles when the row is durable, so that the text can be opened until its subject is erased. */
  seal(account: StreamId, value: string): Promise<SealedText>;
  /**
   * Returns the texts in the order of the arguments; null if the subject was erased. A process that was not asked to
   * `erase` it may still open it for a while.
   * @throws Failure `vault_unavailable` (retryable)
   */
  open(sealed: readonly SealedText[]): Promise<readonly (string | null)[]>;
  /** The subject of a value, if it is known. */
  find(account: StreamId, value: string): Promise<SubjectId | undefined>;
  /**
   * Says whether the account has this subject and it was not erased.
   * @throws Failure `vault_unavailable` (retryable)
   */
  has(account: StreamId, subjectId: SubjectId): Promise<boolean>;
  /**
   * Destroys the mapping and the data key, and forgets what this process kept of them, even if it throws. Destroys
   * nothing for a subject that is unknown or belongs to another account.
   * @throws Failure `vault_unavailable` (retryable)
   */
  erase(account: StreamId, subjectId: SubjectId): Promise<void>;
  /**
   * Keeps a value that no event may have in any form, for the process that carries the operation out: once, and at most
   * `depositMsMax`. It belongs to no subject.
   * @throws Failure `vault_unavailable` (retryable)
   */
  deposit(operationId: OperationId, value: string): Promise<void>;
  /**
   * Takes the value and forgets it; null: it was claimed before, is too old, or was lost in a crash.
   * @throws Failure `vault_unavailable` (retryable): whether it is still there is unknown
   */
  claim(operationId: OperationId): Promise<string | null>;
}
