import { Set as ImmutableSet } from 'immutable';

/** Recently seen ids in two generations. A full young generation replaces the old one, which is dropped. */
export type Generations<Id> = { readonly young: ImmutableSet<Id>; readonly old: ImmutableSet<Id> };
export const generationMax = 4_096;

export function remembered<Id>({ young, old }: Generations<Id>, id: Id): Generations<Id> {
  if (young.size < generationMax) return { young: young.add(id), old };
  return { young: ImmutableSet<Id>().add(id), old: young };
}

export function remembers<Id>({ young, old }: Generations<Id>, id: Id): boolean {
  return young.has(id) || old.has(id);
}
