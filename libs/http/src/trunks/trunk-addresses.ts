import type { SealedText } from '@ringfence/domain/shared/values';
import type { PersonalValues } from '../edge/reading.js';

/** An address with its name or description in clear; null: it was erased, or there is none. */
export type ShownAddress = {
  readonly address: string | null;
  readonly name: string | null;
  readonly isErased: boolean;
};

/** Opens the addresses of several objects in one batch. @throws Failure `vault_unavailable` (retryable) */
export async function openAddresses(
  personal: PersonalValues,
  objects: readonly (readonly { readonly address: SealedText; readonly name: SealedText | null }[])[],
): Promise<readonly (readonly ShownAddress[])[]> {
  const opened = (await personal.open(objects.flat(), ['address', 'name'])).map(({ values, erased }): ShownAddress => ({
    ...values,
    isErased: erased.length > 0,
  }));
  let from = 0;
  return objects.map(({ length }) => opened.slice(from, (from += length)));
}
