import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A stretch of a file: from the one place where `opening` stands to the next `closing`. */
export type Block = { readonly opening: string; readonly closing: string };
type Change = { readonly path: string; readonly created: boolean };

/**
 * The working tree with what a generator makes of it. Nothing is written before `write`: a generator that fails leaves
 * no trace.
 */
export class Tree {
  readonly #root: string;
  readonly #texts = new Map<string, string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Files that differ from the working tree, in the order in which they were first touched; paths from the root. */
  get changes(): readonly Change[] {
    return [...this.#texts.keys()].map((path) => ({ path, created: !existsSync(join(this.#root, path)) }));
  }

  exists(path: string): boolean {
    return this.#texts.has(path) || existsSync(join(this.#root, path));
  }

  /** A file with all edits so far. */
  read(path: string): string {
    return this.#texts.get(path) ?? readFileSync(join(this.#root, path), 'utf8');
  }

  /** @throws Error: the file is there already */
  create(path: string, text: string): void {
    if (this.exists(path)) throw new Error(`${path} is there already`);
    this.#texts.set(path, text);
  }

  /** Puts text before the one place where `anchor` stands. @throws Error: the anchor is not there, or more than once */
  insertBefore(path: string, anchor: string, text: string): void {
    const at = this.#placeOf(path, anchor);
    this.#insert(path, at, text);
  }

  /**
   * Puts text at the end of a block, before its closing.
   * @throws Error: the block is not there, or its opening more than once
   */
  append(path: string, { opening, closing }: Block, text: string): void {
    const after = this.#placeOf(path, opening) + opening.length;
    const at = this.read(path).indexOf(closing, after);
    if (at < 0) throw new Error(`${path} has no ${JSON.stringify(closing)} behind ${JSON.stringify(opening)}`);
    this.#insert(path, at, text);
  }

  /** Adds an import behind the others. */
  addImport(path: string, statement: string): void {
    const last = [...this.read(path).matchAll(/^(?:import .*|\} )from '.*';\n/gm)].at(-1);
    this.#insert(path, last === undefined ? 0 : last.index + last[0].length, `${statement}\n`);
  }

  /** Writes everything. @param formatted the text as it shall stand in the file */
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
