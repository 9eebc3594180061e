/** One module of a cruise by dependency-cruiser. */
type Module = { readonly source: string; readonly dependencies: readonly { readonly resolved: string }[] };

const room = /^(libs\/(?:adapters\/)?[^/]+)\/src\/([^/]+)/;

/**
 * Finds cycles between the rooms of one library: dependency-cruiser knows cycles of modules and of folders, not of
 * rooms. A room is the first step below `src`: a folder with everything in it, or a file that speaks of all of them, as
 * `domain-event.ts`.
 * @param pathNot modules that compose rooms as they like: tests
 * @returns one line for each import of a cycle, or between two cycles; imports of types count; empty: there is none
 */
export function roomCycles(modules: readonly Module[], pathNot: RegExp): readonly string[] {
  const imports = modules
    .filter(({ source }) => !pathNot.test(source))
    .flatMap(({ source, dependencies }) => dependencies.flatMap(({ resolved }) => importBetween(source, resolved)));
  for (let left = imports; ;) {
    const importing = new Set(left.map(({ from }) => from));
    const imported = new Set(left.map(({ to }) => to));
    // A room that imports no other, or that no other imports, is part of no cycle.
    const next = left.filter(({ from, to }) => importing.has(to) && imported.has(from));
    if (next.length === left.length) return left.map(({ line }) => line);
    left = next;
  }
}

function importBetween(source: string, resolved: string) {
  const [, lib, from] = room.exec(source) ?? [];
  const [, otherLib, to] = room.exec(resolved) ?? [];
  if (lib === undefined || from === undefined || to === undefined || lib !== otherLib || from === to) return [];
  return [{ from: `${lib}/${from}`, to: `${lib}/${to}`, line: `${source} → ${resolved}` }];
}
