import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { Kind } from './kind.js';
import * as naming from './naming.js';
import { Tree } from './tree.js';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The tree after a kind has generated; nothing is written. @throws Error as the kind does */
export function generated(kind: Kind, ...args: readonly string[]): Tree {
  const tree = new Tree(root);
  kind.generate(args, { tree, naming });
  return tree;
}

/** The tree after several kinds have generated, one after the other. @throws Error: two of them edit the same file */
export function generatedTogether(...asked: readonly (readonly [Kind, ...string[]])[]): Tree {
  const tree = new Tree(root);
  for (const [kind, ...args] of asked) {
    const before = new Map(tree.changes.map(({ path }) => [path, tree.read(path)]));
    kind.generate(args, { tree, naming });
    const twice = [...before].find(([path, text]) => tree.read(path) !== text);
    if (twice !== undefined) throw new Error(`${twice[0]} is touched twice: each hides whether the other compiles`);
  }
  return tree;
}

/** Files of the working tree that have been parsed, by how they were asked for: most are the same in every tree. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/**
 * The compiler's errors in a generated tree: in the files that the generator touched, and in what they import.
 * @param patterns further files that the skeleton can break, because they read what it extends
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
  host.fileExists = (file) => texts.has(inLibrary(file)) || ts.sys.fileExists(file);
  host.directoryExists = (folder) => folders.has(inLibrary(folder)) || ts.sys.directoryExists(folder);
  host.realpath = (file) => (texts.has(inLibrary(file)) ? inLibrary(file) : (ts.sys.realpath?.(file) ?? file));
  const parse = host.getSourceFile.bind(host);
  host.getSourceFile = (file, how, ...rest) => {
    if (texts.has(file)) return parse(file, how, ...rest);
    const key = `${file} ${JSON.stringify(how)}`;
    if (!parsed.has(key)) parsed.set(key, parse(file, how, ...rest));
    return parsed.get(key);
  };
  const touched = [...texts.keys()].filter((file) => file.endsWith('.ts'));
  const rootNames = [...touched, ...globSync([...patterns], { cwd: root }).map((file) => join(root, file))];
  return ts
    .getPreEmitDiagnostics(ts.createProgram({ rootNames, options, host }))
    .map(({ file, messageText }) => `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}

/** Resolves a link of the workspace, also to a file that is only generated: libraries import each other by name. */
function inLibrary(path: string): string {
  return path.replace(/\/node_modules\/@ringfence\/([^/]+)/, '/libs/$1');
}
