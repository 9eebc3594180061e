import type { Mode } from '@ringfence/domain/shared/values';
import type { AccountId } from '@ringfence/kernel/ids';

/** The objects of an account that a caller sees. `mode` null: those of both modes. */
export type OwnedBy = { readonly accountId: AccountId; readonly mode: Mode | null };
