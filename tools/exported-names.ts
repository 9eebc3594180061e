import { dirname, join } from 'node:path/posix';

type SourceText = { readonly path: string; readonly text: string };

const declared = /^export (?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm;
const named = /^(?:import|export)\b[^;'{}]*\{([^}]*)\}\s*from '([^']+)'/gm;
/** Imports of a whole file: all that it exports counts as named. */
const whole = /^import (?:type )?\* as \w+ from '([^']+)'|\bimport\('([^']+)'\)|^import '([^']+)'/gm;

/**
 * Returns the exported names, each as `path: name`, that no other file imports or re-exports.
 * @param packages folder of each package of our own, by its name: `@ringfence/kernel` → `libs/kernel`
 */
export function exportsNamedNowhereElse(
  sources: readonly SourceText[],
  packages: ReadonlyMap<string, string>,
): readonly string[] {
  const used = new Set<string>();
  const usedWhole = new Set<string>();
  for (const { path, text } of sources) {
    for (const [, names = '', from = ''] of text.matchAll(named))
      for (const name of names.split(',')) {
        const [, original = ''] = /^\s*(?:type\s+)?(\w+)/.exec(name) ?? [];
        used.add(`${targetOf(path, from, packages)}: ${original}`);
      }
    for (const [, star, loaded, bare] of text.matchAll(whole))
      usedWhole.add(targetOf(path, star ?? loaded ?? bare ?? '', packages));
  }
  return sources
    .filter(({ path }) => !usedWhole.has(path))
    .flatMap(({ path, text }) => [...text.matchAll(declared)].map(([, name = '']) => `${path}: ${name}`))
    .filter((each) => !used.has(each));
}

/** Returns the path of the imported source; of one that is not ours, what was imported. */
function targetOf(path: string, from: string, packages: ReadonlyMap<string, string>): string {
  if (from.startsWith('.')) return join(dirname(path), from).replace(/\.js$/, '.ts');
  const [, name = '', file = 'main'] = /^(@[^/]+\/[^/]+)(?:\/(.+))?$/.exec(from) ?? [];
  const folder = packages.get(name);
  return folder === undefined ? from : `${folder}/src/${file}.ts`;
}
