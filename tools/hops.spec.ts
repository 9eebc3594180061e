import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { RouteWorld, sandboxCall } from '../libs/http/src/route-world.contract.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

/** A file that the command passes. */
type Hop = { readonly file: string; readonly reachedBy: string };

/** The text of docs/architecture.md under a heading. */
function sectionOf(heading: string): string {
  return page.split(`\n### ${heading}\n`)[1]?.split(/\n##/)[0] ?? '';
}

/** The rows of the drawing under a heading. */
function hopsUnder(heading: string): readonly Hop[] {
  const rows = sectionOf(heading).matchAll(/^\| (\d+) +\| `([^`]+)` +\| ([^|]+?) +\|/gm);
  return [...rows].map(([, , file = '', reachedBy = '']) => ({ file, reachedBy }));
}

/** Imports of a file by path in the tree. `value`: something of it is there at run time. */
function importsOf(file: string): ReadonlyMap<string, { readonly value: boolean }> {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest);
  const found = new Map<string, { readonly value: boolean }>();
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const path = pathOf(statement.moduleSpecifier.text, file);
    if (path !== undefined) found.set(path, { value: found.get(path)?.value === true || hasValue(statement) });
  }
  return found;
}

function hasValue({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return true;
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return false;
  const { name, namedBindings } = importClause;
  if (name !== undefined || namedBindings === undefined || ts.isNamespaceImport(namedBindings)) return true;
  return namedBindings.elements.some(({ isTypeOnly }) => !isTypeOnly);
}

/** undefined: not of our own */
function pathOf(specifier: string, importer: string): string | undefined {
  if (specifier.startsWith('.')) return join(dirname(importer), specifier).replace(/\.js$/, '.ts');
  const [, lib = '', path = ''] = /^@ringfence\/([^/]+)\/(.+)$/.exec(specifier) ?? [];
  return [`libs/${lib}/src/${path}.ts`, `libs/adapters/${lib}/src/${path}.ts`].find((each) =>
    existsSync(join(root, each)),
  );
}

/** Faults of the way from one file to the next; none: the imports are as drawn. */
function faultsBetween(from: string, { file: to, reachedBy }: Hop): readonly string[] {
  const between = [...reachedBy.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
  const must = (importer: string, imported: string, asValue: boolean): readonly string[] => {
    const found = importsOf(importer).get(imported);
    const isThere = asValue ? found?.value === true : found !== undefined;
    return isThere ? [] : [`${importer} does not import ${imported}${asValue ? ' as a value' : ''}`];
  };
  switch (/^\w+/.exec(reachedBy)?.[0]) {
    case 'call':
      return must(from, to, true);
    case 'callback':
      return must(to, from, true);
    case 'injected':
      return must(from, to, false);
    case 'port':
      return between.flatMap((port) => [...must(from, port, false), ...must(to, port, false)]);
    case 'tables': {
      const steps = [from, ...between, to];
      return steps.slice(1).flatMap((next, index) => must(steps[index] ?? '', next, index > 0));
    }
    default:
      return [`${to}: “${reachedBy}” is no way from file to file`];
  }
}

describe.each([
  { heading: 'Over HTTP', from: 'the route', filesMax: 8 },
  { heading: 'Over Kafka', from: 'the topic', filesMax: 10 },
])('docs/architecture.md, PlaceCall: $heading', ({ heading, from, filesMax }) => {
  const hops = hopsUnder(heading);
  const files = hops.map(({ file }) => file);

  it(`leads from ${from} to the decision in at most ${String(filesMax)} files, and names none that is not there`, () => {
    expect(files.length).toBeLessThanOrEqual(filesMax);
    const named = [...sectionOf(heading).matchAll(/`(libs\/[^`]+)`/g)].map(([, path = '']) => path);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(hops[0]?.reachedBy).toBe(from);
    expect(files.at(-1)).toBe('libs/domain/src/calls/place-call.ts');
  });

  it('draws the imports: each file reaches the next in the way that is said', () => {
    const faults = hops.slice(1).flatMap((hop, index) => faultsBetween(files[index] ?? '', hop));
    expect(faults).toEqual([]);
  });
});

describe('the call stack of PlaceCall over HTTP', () => {
  let world: RouteWorld;
  const stackTraceLimit = Error.stackTraceLimit;
  beforeAll(async () => {
    Error.stackTraceLimit = 200;
    world = await RouteWorld.start();
  });
  afterAll(async () => {
    Error.stackTraceLimit = stackTraceLimit;
    await world.stop();
  });

  it('passes the files that are drawn, and no other', async () => {
    const key = await world.key(await world.account());
    let submitting: readonly string[] = [];
    let deciding: readonly string[] = [];
    world.behind.beforeNext(({ payload }) => {
      submitting = filesOnStack();
      if (payload.type !== 'PlaceCall') throw new Error(`${payload.type} came instead`);
      const { clear } = payload.to;
      // Read where the number is judged: in the middle of the decision.
      Object.defineProperty(payload.to, 'clear', {
        get: () => {
          deciding = filesOnStack();
          return clear;
        },
      });
      return Promise.resolve(undefined);
    });
    await world.given(world.post('calls/initiate', sandboxCall, key.secret));
    expect([...submitting, ...deciding]).toEqual(hopsUnder('Over HTTP').map(({ file }) => file));
  });
});

/** The files of the functions that wait for this one, the outermost first; those of tests left out. */
function filesOnStack(): readonly string[] {
  const frames = [...(new Error('for its stack').stack ?? '').matchAll(/\/(libs\/[^\s:]+)\.(?:js|ts):\d+:\d+/g)];
  const files = frames.map(([, path = '']) => `${path.replace('/dist/', '/src/')}.ts`).reverse();
  return files
    .filter((file) => !file.startsWith('libs/testing/'))
    .filter((file, index, all) => file !== all[index - 1]);
}
