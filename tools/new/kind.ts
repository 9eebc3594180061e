import type * as naming from './naming.js';
import type { Tree } from './tree.js';

/** The tools of a kind, passed in because a kind imports nothing at run time: Node runs it without a build. */
type Workshop = { readonly tree: Tree; readonly naming: typeof naming };

/** One kind of thing that `npm run new` makes. */
export type Kind = {
  /** The arguments after the kind's name, for the usage line. */
  readonly usage: string;
  /**
   * Puts the skeleton into the tree.
   * @returns what is left to do, one sentence each
   * @throws Error: the arguments are wrong, as its message explains
   */
  readonly generate: (args: readonly string[], workshop: Workshop) => readonly string[];
};
