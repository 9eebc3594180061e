/** A binary heap: the least item first. */
export class MinHeap<Item> {
  readonly #items: Item[] = [];

  constructor(private readonly isLess: (left: Item, right: Item) => boolean) {}

  get size(): number {
    return this.#items.length;
  }

  peek(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = items[parentAt];
      if (parent === undefined || !this.isLess(item, parent)) break;
      items[at] = parent;
      at = parentAt;
    }
    items[at] = item;
  }

  pop(): Item | undefined {
    const items = this.#items;
    const least = items[0];
    const last = items.pop();
    if (items.length === 0 || last === undefined) return least;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      let child = items[childAt];
      if (child === undefined) break;
      const right = items[childAt + 1];
      if (right !== undefined && this.isLess(right, child)) {
        child = right;
        childAt += 1;
      }
      if (!this.isLess(child, last)) break;
      items[at] = child;
      at = childAt;
    }
    items[at] = last;
    return least;
  }
}
