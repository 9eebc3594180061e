/** The part of Map and WeakMap that is used here. */
type Entries<Key, Value> = { get: (key: Key) => Value | undefined; set: (key: Key, value: Value) => unknown };

/** Returns the value of a key; if there is none yet, makes and inserts it. */
export function getOrInsert<Key, Value extends object>(map: Entries<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
