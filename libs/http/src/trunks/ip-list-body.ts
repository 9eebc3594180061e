import type { Mode } from '@ringfence/domain/shared/values';
import type { AccountId, IpListId } from '@ringfence/kernel/ids';
import type { EpochMs } from '@ringfence/kernel/units';
import { momentText } from '../edge/reading.js';
import type { ShownAddress } from './trunk-addresses.js';

/** A list as answers show it; its name in clear, null: it was erased. */
type ShownIpList = {
  readonly ipListId: IpListId;
  readonly accountId: AccountId;
  readonly mode: Mode;
  readonly name: string | null;
  readonly addressCount: number;
  readonly trunkCount: number;
  readonly createdAtMs: EpochMs;
  readonly updatedAtMs: EpochMs;
};
export const erasableIpListFields = ['name', 'addresses'] as const;

/** A list in Teler's fields, as in a page of lists. */
export function ipListBody(list: ShownIpList): object {
  return {
    id: list.ipListId,
    account_id: list.accountId,
    mode: list.mode,
    name: list.name,
    address_count: list.addressCount,
    trunk_count: list.trunkCount,
    created_at: momentText(list.createdAtMs),
    updated_at: momentText(list.updatedAtMs),
    erased: list.name === null ? ['name'] : [],
  };
}

/** One list with its addresses. */
export function ipListBodyWithAddresses(list: ShownIpList, addresses: readonly ShownAddress[]): object {
  return {
    ...ipListBody(list),
    addresses: addresses.map(({ address, name: description }) => ({ address, description })),
    erased: [
      ...(list.name === null ? ['name'] : []),
      ...(addresses.some(({ isErased }) => isErased) ? ['addresses'] : []),
    ],
  };
}
