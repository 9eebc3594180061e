// `npm run new -- KIND ARGUMENT…`: writes the skeleton of one thing. KIND is a file of tools/new/kinds/;
// tools/new/README.md says how one is added.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { getFileInfo, format, resolveConfig } from 'prettier';
import * as naming from './new/naming.ts';
import { Tree } from './new/tree.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const names = readdirSync(new URL('new/kinds/', import.meta.url)).map((file) => file.replace('.ts', ''));
const kinds = new Map();
for (const name of names) kinds.set(name, (await import(`./new/kinds/${name}.ts`)).kind);

const [name, ...args] = process.argv.slice(2);
const kind = kinds.get(name);
if (kind === undefined) fail([...kinds].map(([each, { usage }]) => `npm run new -- ${each} ${usage}`).join('\n'));
const tree = new Tree(root);
let rest = [];
try {
  rest = kind.generate(args, { tree, naming });
} catch (failure) {
  fail(`${failure.message}\nnpm run new -- ${name} ${kind.usage}`);
}
const { changes } = tree;
await tree.write(formatted);
for (const { path, created } of changes) console.log(`${created ? 'new    ' : 'changed'} ${path}`);
if (rest.length > 0) console.log(`\nNext:\n${rest.map((each) => `- ${each}`).join('\n')}`);

async function formatted(path, text) {
  const { inferredParser } = await getFileInfo(path);
  return inferredParser === null ? text : format(text, { ...(await resolveConfig(path)), filepath: path });
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
