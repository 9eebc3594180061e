import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { Kind } from './kind.js';
import * as naming from './naming.js';
import { Tree } from './tree.js';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The tree as a kind leaves it; nothing is written. @throws Error as the kind does */
export function generated(kind: Kind, ...args: readonly string[]): Tree {
  const tree = new Tree(root);
  kind.generate(args, { tree, naming });
  return tree;
}

/**
 * The compiler's complaints about a generated tree: about what the generator touched and whatever that imports.
 * @param patterns further files that the skeleton can break: those that read what it extends
 */
export function complaintsOf(tree: Tree, patterns: readonly string[]): readonly string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), (file) => ts.sys.readFile(file)) as {
    readonly config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const texts = new Map(tree.changes.map(({ path }) => [join(root, path), tree.read(path)]));
  const folders = new Set([...texts.keys()].map((file) => dirname(file)));
  host.readFile = (file) => texts.get(file) ?? ts.sys.readFile(file);
  host.fileExists = (file) => texts.has(file) || ts.sys.fileExists(file);
  host.directoryExists = (folder) => folders.has(folder) || ts.sys.directoryExists(folder);
  const touched = [...texts.keys()].filter((file) => file.endsWith('.ts'));
  const rootNames = [...touched, ...globSync([...patterns], { cwd: root }).map((file) => join(root, file))];
  return ts
    .getPreEmitDiagnostics(ts.createProgram({ rootNames, options, host }))
    .map(({ file, messageText }) => `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}
