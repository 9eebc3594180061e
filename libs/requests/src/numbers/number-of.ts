import { type NumberId, parseNumberId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';

/** The number that a checked body names. */
export function numberOf({ number_id }: { readonly number_id: string }): NumberId {
  const numberId = parseNumberId(number_id);
  invariant(numberId !== undefined, 'the fields of the body were checked');
  return numberId;
}
