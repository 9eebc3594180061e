import type { MetadataStorage } from 'class-validator';
import { getOrInsert } from '@ringfence/kernel/get-or-insert';

type Lookups = Pick<MetadataStorage, 'getTargetValidationMetadatas' | 'groupByPropertyName'>;
type Found = ReturnType<Lookups['getTargetValidationMetadatas']>;
type Grouped = ReturnType<Lookups['groupByPropertyName']>;

/**
 * Caches class-validator's metadata look-ups. Without it, the library searches all classes with rules for each object
 * that it validates, so that each route makes every request slower. Safe, because a class has all of its rules before
 * its first object is validated.
 */
export function keepValidationMetadata(storage: Lookups): void {
  const find = storage.getTargetValidationMetadatas.bind(storage);
  const group = storage.groupByPropertyName.bind(storage);
  const foundFor = new WeakMap<object, Found>();
  const groupedFor = new WeakMap<Found, Grouped>();
  storage.getTargetValidationMetadatas = (target, schema, always, strictGroups, groups) => {
    if (schema || always || strictGroups || groups) return find(target, schema, always, strictGroups, groups);
    return getOrInsert(foundFor, target, () => find(target, schema, always, strictGroups, groups));
  };
  storage.groupByPropertyName = (found) => getOrInsert(groupedFor, found, () => group(found));
}
