/** Splits items into those for which `holds` is true and the others, each in their order. */
export function split<Item, Held extends Item>(
  items: Iterable<Item>,
  holds: (item: Item) => item is Held,
): [held: Held[], others: Item[]];
export function split<Item>(items: Iterable<Item>, holds: (item: Item) => boolean): [held: Item[], others: Item[]];
export function split<Item>(items: Iterable<Item>, holds: (item: Item) => boolean): [held: Item[], others: Item[]] {
  const [held, others]: [Item[], Item[]] = [[], []];
  for (const item of items) (holds(item) ? held : others).push(item);
  return [held, others];
}
