import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { whyNodeUnfit } from '@ringfence/kernel/node-version';
import { cliMain } from './command-line.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const serverMain = join(root, 'apps/server/dist/main.js');
const nowhere = { KAFKA_BROKERS: '127.0.0.1:1' };

/**
 * Makes this Node.js pretend to be another release, on which no package can be loaded: a check of the release that
 * comes too late fails at that.
 */
const pretending = (version: string) => `
import { registerHooks } from 'node:module';
Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });
delete Promise.withResolvers;
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    if (/^file:.*[/]node_modules[/](?!@ringfence[/])/.test(found.url)) throw new SyntaxError(specifier + ' cannot be loaded');
    return found;
  },
});
`;
const withoutZstd = `
import zlib from 'node:zlib';
import { syncBuiltinESMExports } from 'node:module';
for (const name of Object.keys(zlib)) if (/zstd/i.test(name)) delete zlib[name];
syncBuiltinESMExports();
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringfence-e2e-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

type Ended = { readonly code: number; readonly out: string; readonly err: string };

/** Runs it beside a data folder that is not there, to its end. */
async function run(node: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const dataDir = join(folder, 'data');
  const given = { ...process.env, DATABASE_URL: '', KAFKA_BROKERS: '', RINGFENCE_PORT: '0', ...env };
  const ended = await new Promise<Ended>((resolve) => {
    execFile(node, args, { env: { ...given, RINGFENCE_DATA_DIR: dataDir }, timeout: 60_000 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
  expect(existsSync(dataDir)).toBe(false);
  return ended;
}

async function preloading(name: string, code: string): Promise<readonly string[]> {
  const file = join(folder, `${name}.mjs`);
  await writeFile(file, code);
  return ['--import', pathToFileURL(file).href];
}

/** Programs named `node` that are here and too old; each `npm` begins with one of the machine's own. */
async function oldOnesHere(): Promise<readonly string[]> {
  const named = (process.env['PATH'] ?? '').split(delimiter).map((path) => join(path, 'node'));
  const versions = await Promise.all(
    [...new Set(named)]
      .filter(existsSync)
      .map(async (node) => ({ node, version: (await run(node, ['--version'])).out })),
  );
  return versions.filter(({ version }) => whyNodeUnfit(version.trim().slice(1)) !== undefined).map(({ node }) => node);
}

const oneLine = (code: number, ends: string) => ({
  code,
  out: '',
  err: expect.stringMatching(new RegExp(`^ringfence: this is Node\\.js [\\d.]+, and [^\\n]+${ends}\\n$`)) as unknown,
});

async function saysItsNodeIsUnfit(node: string, flags: readonly string[]): Promise<void> {
  const start = (main: string, ...args: readonly string[]) => run(node, [...flags, main, ...args]);
  expect(await start(serverMain)).toEqual(oneLine(2, 'npm installed'));
  expect(await start(join(root, 'infra/kafka/start-cluster.mjs'))).toEqual(oneLine(2, 'npm installed'));
  for (const main of [cliMain, join(root, 'apps/cli/bin/ringfence.js')]) {
    expect(await start(main, 'keys', 'list')).toEqual(oneLine(1, '\\(node_unfit\\)'));
    const { code, err } = await start(main, '--json', 'keys', 'list');
    expect([code, JSON.parse(err)]).toEqual([1, { error: expect.objectContaining({ code: 'node_unfit' }) as unknown }]);
  }
}

describe('a Node.js that the platform is not made for', () => {
  it.each(['18.20.8', '20.20.2', '22.21.1', '23.11.1', '24.5.0'])('is named in one line, as %s', async (version) => {
    await saysItsNodeIsUnfit(process.execPath, await preloading(`as-${version}`, pretending(version)));
  });

  it('is named so by the machine’s own, where that is such a one', async () => {
    const own = (await oldOnesHere()).map((node) => ({ node, flags: [] as readonly string[] }));
    const pretended = { node: process.execPath, flags: await preloading('as-any', pretending('20.0.0')) };
    for (const { node, flags } of own.length > 0 ? own : [pretended]) await saysItsNodeIsUnfit(node, flags);
  });

  it('is reported to a program that opens the SDK’s client over Kafka', async () => {
    const program = join(folder, 'program.mjs');
    const options = { account: 'platform', kafka: { brokers: ['127.0.0.1:1'] } };
    await writeFile(
      program,
      `const { RingfenceClient } = await import(${JSON.stringify(pathToFileURL(join(root, 'libs/sdk/bundle/main.js')).href)});
       await RingfenceClient.open(${JSON.stringify(options)}).catch(({ code, message }) => console.log(code, message));`,
    );
    const flags = await preloading('old-for-sdk', pretending('20.20.2').replace(/registerHooks\(\{[^]*/, ''));
    const { out } = await run(process.execPath, [...flags, program]);
    expect(out).toMatch(/^node_unfit Kafka cannot be spoken to: this is Node\.js 20\.20\.2, and [^\n]+\n$/);
  });
});

describe('a Node.js that was built without zstd', () => {
  it('is refused in one line, with Kafka and without, before anything is written', async () => {
    const flags = await preloading('no-zstd', withoutZstd);
    const refusal = /^ringfence: this Node\.js [\d.]+ was built without zstd, [^\n]+: run one that has it[^\n]+\n$/;
    for (const env of [nowhere, {}])
      expect(await run(process.execPath, [...flags, serverMain], env)).toEqual({
        code: 2,
        out: '',
        err: expect.stringMatching(refusal) as unknown,
      });
    const cli = await run(process.execPath, [...flags, cliMain, 'dlq', 'list'], nowhere);
    expect(cli).toMatchObject({ code: 1, out: '', err: expect.stringMatching(refusal) as unknown });
  });
});
