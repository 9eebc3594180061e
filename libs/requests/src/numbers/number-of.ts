import { type NumberId, parseNumberId } from '@ringfence/kernel/ids';
import { invariant } from '@ringfence/kernel/invariant';

/** The number that a checked body names. */
export function numberOf({ number_id }: { readonly number_id: string }): NumberId {
  return numberIn(number_id);
}

/** The numbers of a checked list, each once. */
export function numbersIn(texts: readonly string[] | null | undefined): readonly NumberId[] {
  return [...new Set(texts ?? [])].map(numberIn);
}

function numberIn(text: string): NumberId {
  const numberId = parseNumberId(text);
  invariant(numberId !== undefined, 'the fields of the body were checked');
  return numberId;
}
