// Gives every workspace the same targets, so that no workspace has to spell them: `nx run-many -t test`, `nx affected
// -t lint`.
import { dirname } from 'node:path';

const layers = [
  ['libs/adapters/', 'adapters'],
  ['apps/', 'apps'],
  ['libs/', 'libs'],
  ['examples/', 'examples'],
];

export const name = 'ringfence-workspaces';

export const createNodesV2 = [
  '{apps,libs,bench,e2e,examples}/**/package.json',
  (files) =>
    files
      .filter((file) => !file.includes('/dist/') && !file.includes('node_modules'))
      .map((file) => [file, nodesOf(dirname(file))]),
];

function nodesOf(root) {
  const layer = layers.find(([prefix]) => root.startsWith(prefix))?.[1] ?? root;
  const target = (command) => ({
    command,
    cache: true,
    inputs: ['sources', '^sources'],
    options: { cwd: '{workspaceRoot}' },
  });
  return {
    projects: {
      [root]: {
        root,
        tags: [`layer:${layer}`],
        targets: {
          build: { ...target('node tools/build.mjs'), outputs: ['{projectRoot}/dist'] },
          test: target(`node tools/test.mjs ${root}/`),
          lint: target(`eslint ${root}`),
        },
      },
    },
  };
}
