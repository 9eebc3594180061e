import type * as naming from './naming.js';
import type { Tree } from './tree.js';

/** What a kind works with: it imports nothing at run time, so that Node runs it as it stands. */
type Workshop = { readonly tree: Tree; readonly naming: typeof naming };

/** One kind of thing that `npm run new` makes. */
export type Kind = {
  /** The arguments behind the kind's name, as the usage line has them. */
  readonly usage: string;
  /**
   * Puts the skeleton into the tree.
   * @returns what is left to do, a sentence each
   * @throws Error: the arguments are wrong, which its message says
   */
  readonly generate: (args: readonly string[], workshop: Workshop) => readonly string[];
};
