import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { configKeys } from '../apps/ringfence/src/config/config-keys.js';
import { sandboxNumbers } from '@ringfence/carrier-sandbox/sandbox-numbers';
import { refusalCatalogue } from '@ringfence/domain/refusals';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** The rows of every table of a page, cell by cell, without back-ticks. */
function rowsOf(page: string): readonly (readonly string[])[] {
  return read(page)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .replaceAll('\\|', '¦')
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    )
    .filter(([first = '']) => !/^-+$/.test(first));
}

describe('docs/dependencies.md', () => {
  it('gives every runtime dependency, and nothing else, its reason and the licence that it states', () => {
    const manifest = JSON.parse(read('package.json')) as { readonly dependencies: Readonly<Record<string, string>> };
    const stated = Object.keys(manifest.dependencies).map((name) => {
      const { license } = JSON.parse(read(`node_modules/${name}/package.json`)) as { readonly license: string };
      return [name, license];
    });
    const [, ...rows] = rowsOf('docs/dependencies.md');
    expect(rows.map(([name, licence]) => [name, licence])).toEqual(stated);
    expect(rows.filter(([, , why = '']) => why.length < 10)).toEqual([]);
  });
});

describe('docs/backend.md', () => {
  it('lists every refusal code, and whether its outcome is kept', () => {
    const listed = rowsOf('docs/backend.md')
      .filter(([, kept = '']) => kept === 'kept' || kept === 'not kept')
      .map(([code, kept]) => [code, kept]);
    const catalogue = Object.entries(refusalCatalogue).map(([code, { kept }]) => [code, kept ? 'kept' : 'not kept']);
    expect([...listed].sort()).toEqual([...catalogue].sort());
  });
});

describe('docs/operator.md', () => {
  it('lists every setting with its default and what it is', () => {
    const listed = rowsOf('docs/operator.md').filter(([name = '']) => /^[A-Z][A-Z_]+$/.test(name));
    const settings = Object.values(configKeys).map(({ name, otherwise, says }) => [name, otherwise ?? 'none', says]);
    expect(listed).toEqual(settings);
  });
});

describe('docs/sandbox.md', () => {
  it('says of every number what the sandbox does', () => {
    const [, ...rows] = rowsOf('docs/sandbox.md');
    expect(rows.map(([pattern, does]) => [pattern, does])).toEqual(
      sandboxNumbers.map(({ pattern, does }) => [pattern, does]),
    );
  });
});
