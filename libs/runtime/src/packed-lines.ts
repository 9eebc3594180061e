const newline = '\n';
const tab = '\t';
const tableSlotsMin = 1_024;
/** The end of a value from which its hash is made: ids and digests differ there, and a scan of them all stays short. */
const hashedCharactersMax = 12;

/** Roles of the fields of a line, by their numbers. */
type Fields<Index extends string> = {
  /** Fields by whose values a line is found. An empty value is not indexed; few lines may have the same one. */
  readonly indexes: Readonly<Record<Index, readonly number[]>>;
  /** Fields whose different values are few, and are kept. */
  readonly distinct: readonly number[];
  /** Field that marks a line by not being empty. */
  readonly mark: number;
};

/**
 * Lines of tab-separated fields, found by the values of some of the fields. An object for each line would take several
 * times the memory of its text, and time to make; this takes the text, and about 20 bytes for each line and indexed
 * value.
 */
export class PackedLines<Index extends string> {
  readonly #pages: string[] = [];
  /** The number of the first line of each page. */
  readonly #firstLines: number[] = [];
  /** The start of each line in its page; `removed` for one that was removed. */
  #starts = new Int32Array(tableSlotsMin);
  #lines = 0;
  #size = 0;
  readonly #tables: ReadonlyMap<Index, HashTable>;
  /** The roles of each field, up to the last one that has any. */
  readonly #roles: readonly Role[];
  readonly #distinct = new Set<string>();
  readonly #marked: number[] = [];

  constructor(private readonly fieldsOf: Fields<Index>) {
    const { indexes, distinct, mark } = fieldsOf;
    const names = Object.keys(indexes) as Index[]; // the keys of a record of Index
    const tables = new Map(names.map((name) => [name, new HashTable()]));
    this.#tables = tables;
    const last = Math.max(mark, ...distinct, ...names.flatMap((name) => indexes[name]));
    this.#roles = Array.from({ length: last + 1 }, (_, field) => ({
      tables: names.filter((name) => indexes[name].includes(field)).flatMap((name) => tables.get(name) ?? []),
      isDistinct: distinct.includes(field),
      marks: field === mark,
    }));
  }

  /** The values of the distinct fields. */
  get distinct(): ReadonlySet<string> {
    return this.#distinct;
  }

  /** The numbers of the lines that are marked. */
  get marked(): readonly number[] {
    return this.#marked;
  }

  /** The number of lines that were added and not removed. */
  get size(): number {
    return this.#size;
  }

  /** Adds lines. @param page each line ends with a newline */
  add(page: string): void {
    this.#pages.push(page);
    this.#firstLines.push(this.#lines);
    for (let start = 0; start < page.length;) {
      const end = endOf(page, start);
      this.#append(page, start, end);
      start = end + 1;
    }
  }

  /** @returns the number of a line with this value; undefined: there is none */
  find(index: Index, value: string): number | undefined {
    if (value === '') return undefined;
    return this.#tables.get(index)?.find(hashOf(value, 0, value.length), (line) => {
      if (this.#starts[line] === removed) return false;
      const values = this.fields(line);
      return this.fieldsOf.indexes[index].some((field) => values[field] === value);
    });
  }

  /** The fields of a line. */
  fields(line: number): readonly string[] {
    const page = this.#pages[this.#pageOf(line)] ?? '';
    const start = this.#starts[line] ?? 0;
    return page.slice(start, endOf(page, start)).split(tab);
  }

  /** Lets a line be found no more. The memory of its text stays taken. */
  remove(line: number): void {
    if (this.#starts[line] === removed) return;
    this.#starts[line] = removed;
    this.#size -= 1;
  }

  /** The numbers of the lines that were not removed. */
  *numbers(): Generator<number, undefined> {
    for (let line = 0; line < this.#lines; line += 1) if (this.#starts[line] !== removed) yield line;
  }

  #append(page: string, start: number, end: number): void {
    const line = this.#lines;
    if (line === this.#starts.length) this.#starts = grown(this.#starts);
    this.#starts[line] = start;
    this.#lines += 1;
    this.#size += 1;
    let at = start;
    for (const { tables, isDistinct, marks } of this.#roles) {
      const next = page.indexOf(tab, at);
      const stop = next < 0 || next > end ? end : next;
      if (stop > at) {
        for (const table of tables) table.add(hashOf(page, at, stop), line);
        if (isDistinct) this.#distinct.add(page.slice(at, stop));
        if (marks) this.#marked.push(line);
      }
      at = Math.min(stop + 1, end);
    }
  }

  #pageOf(line: number): number {
    let [low, high] = [0, this.#firstLines.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#firstLines[middle] ?? 0) <= line) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

type Role = { readonly tables: readonly HashTable[]; readonly isDistinct: boolean; readonly marks: boolean };

const removed = -1;

/** Numbers of lines by hashes; open addressing, at most half full. */
class HashTable {
  /** A line's number and one; 0: the slot is free. */
  #lines = new Int32Array(tableSlotsMin);
  #hashes = new Int32Array(tableSlotsMin);
  #count = 0;

  add(hash: number, line: number): void {
    if (this.#count * 2 >= this.#lines.length) this.#grow();
    const slot = this.#freeSlot(hash);
    this.#lines[slot] = line + 1;
    this.#hashes[slot] = hash;
    this.#count += 1;
  }

  find(hash: number, isIt: (line: number) => boolean): number | undefined {
    const mask = this.#lines.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const line = (this.#lines[slot] ?? 0) - 1;
      if (line < 0) return undefined;
      if (this.#hashes[slot] === hash && isIt(line)) return line;
    }
  }

  #freeSlot(hash: number): number {
    const mask = this.#lines.length - 1;
    let slot = hash & mask;
    while (this.#lines[slot] !== 0) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [lines, hashes] = [this.#lines, this.#hashes];
    this.#lines = new Int32Array(lines.length * 2);
    this.#hashes = new Int32Array(lines.length * 2);
    for (const [slot, line] of lines.entries()) {
      if (line === 0) continue;
      const hash = hashes[slot] ?? 0;
      const free = this.#freeSlot(hash);
      this.#lines[free] = line;
      this.#hashes[free] = hash;
    }
  }
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

function endOf(page: string, start: number): number {
  const end = page.indexOf(newline, start);
  return end < 0 ? page.length : end;
}

/** Hash of a part of a text, by its last characters (FNV-1a). */
function hashOf(text: string, start: number, end: number): number {
  let hash = 0x81_1c_9d_c5;
  for (let at = Math.max(start, end - hashedCharactersMax); at < end; at += 1)
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01_00_01_93);
  return hash ^ (hash >>> 15);
}
