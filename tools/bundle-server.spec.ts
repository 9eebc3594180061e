import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { modulesLoadedBy } from '@ringfence/testing/loaded-modules';

const bundle = new URL('../apps/server/bundle/', import.meta.url);

/** The file of the bundle that holds what is imported on demand by this name. */
function part(name: string): string {
  const found = readdirSync(bundle).find((file) => file.startsWith(`${name}-`) && file.endsWith('.js'));
  if (found === undefined) throw new Error(`the bundle has no ${name}`);
  return new URL(found, bundle).href;
}

type Naming = <Named extends { readonly name: string }>(target: Named, name: string) => Named;

const reflection = import.meta.resolve('reflect-metadata');
const cluster = part('cluster');
const importing = (addresses: readonly string[]) => [
  '--input-type=module',
  '--eval',
  addresses.map((address) => `await import(${JSON.stringify(address)});`).join('\n'),
];

describe('the bundle of the server', () => {
  it('has all that a process loads, except what is native', async () => {
    const parts = [cluster, part('clustered'), part('single'), part('gateway.role')];
    const loaded = await modulesLoadedBy(importing([reflection, ...parts]));
    const elsewhere = loaded.filter(
      (url) => !url.startsWith(bundle.href) && url !== reflection && !url.endsWith('.json'),
    );
    expect(elsewhere.filter((url) => !url.includes('/node_modules/@node-rs/'))).toEqual([]);
    // Otherwise nothing was seen at all.
    expect(loaded).toEqual(expect.arrayContaining(parts));
  });

  it('compiles no schema of the Kafka client before it is used', async () => {
    const flags = ['--disallow-code-generation-from-strings'];
    await promisify(execFile)(process.execPath, [...flags, ...importing([reflection, cluster])]);
    // The client itself compiles all of them when it is loaded.
    const client = import.meta.resolve('@platformatic/kafka');
    await expect(promisify(execFile)(process.execPath, [...flags, ...importing([client])])).rejects.toThrow(
      'Code generation from strings disallowed',
    );
  });

  it('keeps the names of classes, by which the API is described, and names no closure', () => {
    const helper = readdirSync(bundle)
      .filter((file) => file.endsWith('.js'))
      .map((file) => readFileSync(new URL(file, bundle), 'utf8'))
      .flatMap((text) => /^var __name = (.*);$/m.exec(text)?.[1] ?? []);
    expect(helper).toHaveLength(1);
    const name = runInNewContext(`(${helper[0] ?? ''})`, { __defProp: Object.defineProperty }) as Naming;
    class Renamed2 {}
    expect(name(Renamed2, 'Renamed').name).toBe('Renamed');
    expect(
      name(
        (
          () => () =>
            undefined
        )(),
        'closure',
      ).name,
    ).toBe('');
  });

  it('names in the trace of an error the sources that it was made of', async () => {
    const script = `
      await import(${JSON.stringify(reflection)});
      const { joinCluster } = await import(${JSON.stringify(cluster)});
      await joinCluster().catch(({ stack }) => { console.log(stack); });`;
    const flags = ['--enable-source-maps', '--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, flags);
    expect(stdout).toMatch(/at joinCluster \(.*\/apps\/server\/src\/cluster\.ts:\d+:\d+\)/);
  });
});
