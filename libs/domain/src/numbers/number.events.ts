import type { AccountId, NumberId, SipTrunkId, VoiceAppId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { NumberKind } from '../limits/numbering-plan.js';
import type { Mode, SealedText } from '../shared/values.js';

/** A virtual number as the inventory allocates it to an account. */
export type AllocatedNumber = {
  /** Identifies the allocation: the same number has another id when it comes back, to this account or another. */
  readonly numberId: NumberId;
  readonly accountId: AccountId;
  /** `test` for the numbers of the sandbox, which no carrier reaches; `live` for all others. */
  readonly mode: Mode;
  /**
   * The number in E.164, sealed as a subject of the platform: the same number is the same subject, whichever account
   * has it.
   */
  readonly number: SealedText;
  /** ISO 3166-1 alpha-2; null: the number belongs to no territory. */
  readonly territory: string | null;
  readonly kind: NumberKind;
  /** The place within the territory, as the operator wrote it; null: not given. */
  readonly locality: string | null;
  /** A subject of the account; null: not named. */
  readonly name: SealedText | null;
};

/** The app or the trunk that a number is assigned to: one of them at a time. */
export type NumberTarget =
  | { readonly kind: 'voice_app'; readonly appId: VoiceAppId }
  | { readonly kind: 'sip_trunk'; readonly trunkId: SipTrunkId };

/** A number as the account receives it. */
export type ReceivedNumber = AllocatedNumber & {
  /**
   * The number, sealed as a subject of the account: the number that a call is placed from is the same subject, so that
   * the account recognises its own number.
   */
  readonly ownNumber: SealedText;
};
/** The account has the number from now on. It is assigned to nothing. */
export type NumberReceived = ReceivedNumber & { readonly type: 'NumberReceived'; readonly receivedAtMs: EpochMs };
export type NumberRenamed = {
  readonly type: 'NumberRenamed';
  readonly numberId: NumberId;
  readonly mode: Mode;
  readonly name: SealedText;
  readonly renamedAtMs: EpochMs;
};
/** The numbers are assigned to the target from now on, whatever they were assigned to before. */
export type NumbersAssigned = {
  readonly type: 'NumbersAssigned';
  readonly numberIds: readonly NumberId[];
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly target: NumberTarget;
  readonly assignedAtMs: EpochMs;
};
/** The numbers are assigned to nothing from now on. */
export type NumbersUnassigned = {
  readonly type: 'NumbersUnassigned';
  readonly numberIds: readonly NumberId[];
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly unassignedAtMs: EpochMs;
};
/** The account no longer has the number; only then can the inventory give it to another. */
export type NumberWithdrawn = {
  readonly type: 'NumberWithdrawn';
  readonly numberId: NumberId;
  readonly accountId: AccountId;
  readonly mode: Mode;
  /** The target that the withdrawal took it from; null: it was assigned to nothing. */
  readonly unassignedFrom: NumberTarget | null;
  readonly withdrawnAtMs: EpochMs;
};
export type NumberEvent = NumberReceived | NumberRenamed | NumbersAssigned | NumbersUnassigned | NumberWithdrawn;
