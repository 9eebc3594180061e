import type { IpListId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import type { Mode, SealedText } from '../shared/values.js';

/**
 * One entry of a list. `address` is a network in canonical form, `203.0.113.0/24`. It is sealed because it may be that
 * of a person's home; one address has one subject in an account, so that equal addresses are recognised unopened.
 */
export type IpListEntry = { readonly address: SealedText; readonly description: SealedText | null };

/** The settings of a list, as its account wants them. */
export type IpListSettings = {
  readonly name: SealedText;
  /** One or more, none of them twice. */
  readonly addresses: readonly IpListEntry[];
};

/** A list belongs to the mode of the key that created it, for ever. */
type OfList = { readonly ipListId: IpListId; readonly mode: Mode };

export type IpListCreated = OfList & {
  readonly type: 'IpListCreated';
  readonly settings: IpListSettings;
  readonly createdAtMs: EpochMs;
};
/** `settings`: all of them, as they are from now on. */
export type IpListChanged = OfList & {
  readonly type: 'IpListChanged';
  readonly settings: IpListSettings;
  readonly createdAtMs: EpochMs;
  readonly changedAtMs: EpochMs;
};
type IpListDeleted = OfList & { readonly type: 'IpListDeleted'; readonly deletedAtMs: EpochMs };

export type IpListEvent = IpListCreated | IpListChanged | IpListDeleted;
