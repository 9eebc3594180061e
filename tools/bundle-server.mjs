// Bundles the server with the packages that it imports into a few files: a start would spend more time on finding and
// linking 2,600 modules than on running them.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../', import.meta.url));
const bundle = join(root, 'apps/server/bundle');

/** Packages imported from where they are: native ones, those that a setting turns on, and ones not installed. */
const external = [
  '@node-rs/*',
  '@opentelemetry/*',
  '@apollo/*',
  '@as-integrations/fastify',
  '@fastify/multipart',
  '@fastify/static',
  '@fastify/view',
  '@nestjs/microservices',
  '@nestjs/microservices/*',
  '@nestjs/platform-express',
  '@nestjs/websockets/*',
  'class-transformer/storage',
  'pg-native',
  'protobufjs',
];

export async function bundleServer() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['apps/server/dist/server.js'],
    outdir: bundle,
    bundle: true,
    // What is imported on demand stays in files of its own.
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node22.22',
    external,
    // The API is described by the names of classes.
    keepNames: true,
    sourcemap: true,
    sourcesContent: false,
    banner: { js: banner },
    plugins: [filesInPlace, schemasOnDemand],
    write: false,
    logLevel: 'warning',
  });
  await replaceBundle(withClassNamesAlone(outputFiles));
}

const namesAll = 'var __name = (target, value) => __defProp(target, "name", { value, configurable: true });';
const namesClasses = namesAll.replace('=> ', '=> target.name === "" || target.name === value ? target : ');

/** Names nothing but renamed classes and functions: closures are made all the time, and naming each takes longer. */
function withClassNamesAlone(files) {
  const encoder = new TextEncoder();
  const helpers = files.filter(({ path, text }) => path.endsWith('.js') && text.includes(namesAll));
  if (helpers.length !== 1) throw new Error('the helper that names classes is not the one that is known');
  const isHelper = (file) => file === helpers[0];
  const rewritten = (text) => encoder.encode(text.replace(namesAll, namesClasses));
  return files.map((file) => (isHelper(file) ? { path: file.path, contents: rewritten(file.text) } : file));
}

const banner = `import { createRequire as requireFrom } from 'node:module';
const bundledTo = import.meta.url, require = requireFrom(bundledTo);`;

/** A start at the same time finds the former bundle or this one: the entry point is replaced last. */
async function replaceBundle(files) {
  await mkdir(bundle, { recursive: true });
  const isEntry = ({ path }) => basename(path) === 'server.js';
  for (const file of [...files].sort((one, other) => isEntry(one) - isEntry(other))) {
    const written = `${file.path}.${process.pid}`;
    await writeFile(written, file.contents);
    await rename(written, file.path);
  }
  const current = new Set(files.map(({ path }) => basename(path)));
  for (const name of await readdir(bundle)) if (!current.has(name)) await rm(join(bundle, name), { force: true });
}

/** Lets code that reads a file beside itself find it where it is. */
const filesInPlace = {
  name: 'files in place',
  setup({ onLoad }) {
    onLoad({ filter: /\.[cm]?js$/ }, async ({ path, namespace }) => {
      const code = namespace === 'file' ? await readFile(path, 'utf8') : '';
      if (!/\b(?:import\.meta\.url|__dirname|__filename)\b/.test(code)) return undefined;
      const urlOf = (file) => `new URL(${JSON.stringify(relative(bundle, file))}, bundledTo)`;
      const pathOf = (file) => `require('node:url').fileURLToPath(${urlOf(file)})`;
      const contents = code
        .replaceAll(/\bimport\.meta\.url\b/g, `${urlOf(path)}.href`)
        .replaceAll(/\b__dirname\b/g, pathOf(dirname(path)))
        .replaceAll(/\b__filename\b/g, pathOf(path));
      return { contents, loader: 'js' };
    });
  },
};

/**
 * Compiles the schemas of the Kafka client's options at their first use, which few have, because our options say
 * `strict: false`; the client compiles all of them when it is loaded, which is half the time of loading it. Leaves out
 * the client's registries of schemas, which nothing uses.
 */
const schemasOnDemand = {
  name: 'schemas on demand',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^ajv\/dist\/2020\.js$/ }, ({ path, importer, resolveDir }) =>
      importer.endsWith('/@platformatic/kafka/dist/utils.js')
        ? { path, namespace: 'schemas on demand', pluginData: { resolveDir } }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'schemas on demand' }, ({ pluginData }) => ({
      contents: ajvOnDemand,
      loader: 'js',
      ...pluginData,
    }));
    onResolve({ filter: /^\.\/registries\/index\.js$/ }, ({ path, resolveDir }) =>
      resolveDir.endsWith('/@platformatic/kafka/dist')
        ? { path: join(resolveDir, path), sideEffects: false }
        : undefined,
    );
  },
};

/** Takes the client's own schemas as valid, whose check would compile the schema of schemas first. */
const ajvOnDemand = `
import { Ajv2020 as Ajv } from 'ajv/dist/2020.js';
export class Ajv2020 extends Ajv {
  constructor(options) {
    super({ ...options, validateSchema: false });
  }
  compile(schema) {
    let compiled;
    const validate = (...given) => {
      compiled ??= super.compile(schema);
      const valid = compiled(...given);
      validate.errors = compiled.errors;
      return valid;
    };
    return validate;
  }
}`;
