import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A range of a file: from the only occurrence of `opening` to the next `closing`. */
export type Block = { readonly opening: string; readonly closing: string };
type Change = { readonly path: string; readonly created: boolean };

/** The working tree with a generator's edits. Nothing is written before `write`, so a failed run changes nothing. */
export class Tree {
  readonly #root: string;
  readonly #texts = new Map<string, string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** The edited files, in the order of their first edit; paths are relative to the root. */
  get changes(): readonly Change[] {
    return [...this.#texts.keys()].map((path) => ({ path, created: !existsSync(join(this.#root, path)) }));
  }

  exists(path: string): boolean {
    return this.#texts.has(path) || existsSync(join(this.#root, path));
  }

  /** The text of a file with all edits so far. */
  read(path: string): string {
    return this.#texts.get(path) ?? readFileSync(join(this.#root, path), 'utf8');
  }

  /** @throws Error: the file exists already */
  create(path: string, text: string): void {
    if (this.exists(path)) throw new Error(`${path} is there already`);
    this.#texts.set(path, text);
  }

  /** Inserts text before the only occurrence of `anchor`. @throws Error: the anchor occurs never or more than once */
  insertBefore(path: string, anchor: string, text: string): void {
    const at = this.#placeOf(path, anchor);
    this.#insert(path, at, text);
  }

  /**
   * Inserts text at the end of a block, before its closing.
   * @throws Error: the block does not exist, or its opening occurs more than once
   */
  append(path: string, { opening, closing }: Block, text: string): void {
    const after = this.#placeOf(path, opening) + opening.length;
    const at = this.read(path).indexOf(closing, after);
    if (at < 0) throw new Error(`${path} has no ${JSON.stringify(closing)} behind ${JSON.stringify(opening)}`);
    this.#insert(path, at, text);
  }

  /** Adds an import after the others. */
  addImport(path: string, statement: string): void {
    const last = [...this.read(path).matchAll(/^(?:import .*|\} )from '.*';\n/gm)].at(-1);
    this.#insert(path, last === undefined ? 0 : last.index + last[0].length, `${statement}\n`);
  }

  /** Writes all edits. @param formatted formats a text for its file */
  async write(formatted: (path: string, text: string) => Promise<string>): Promise<void> {
    const texts: [string, string][] = [];
    for (const [path, text] of this.#texts) {
      const file = join(this.#root, path);
      texts.push([file, await formatted(file, text)]);
    }
    for (const [file, text] of texts) {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
  }

  #placeOf(path: string, anchor: string): number {
    const text = this.read(path);
    const at = text.indexOf(anchor);
    if (at < 0 || text.includes(anchor, at + 1))
      throw new Error(
        `${path} has to hold ${JSON.stringify(anchor)} once: the generator does not know this form of it`,
      );
    return at;
  }

  #insert(path: string, at: number, text: string): void {
    const before = this.read(path);
    this.#texts.set(path, before.slice(0, at) + text + before.slice(at));
  }
}
