import { expect, it } from '@jest/globals';
import { root } from './skeletons.js';
import { Tree } from './tree.js';

const path = 'libs/read-models/src/projections.ts';

it.each([
  {
    edit: 'insertBefore',
    run: (tree: Tree) => {
      tree.insertBefore(path, 'no such text', '');
    },
    says: 'has to hold "no such text" once',
  },
  {
    edit: 'append',
    run: (tree: Tree) => {
      tree.append(path, { opening: 'import', closing: ';' }, '');
    },
    says: 'has to hold "import" once',
  },
  { edit: 'create', run: (tree: Tree) => { tree.create(path, ''); }, says: 'is there already' }, // prettier-ignore
])('$edit fails and changes nothing if its place is missing or ambiguous', ({ run, says }) => {
  const tree = new Tree(root);
  expect(() => {
    run(tree);
  }).toThrow(says);
  expect(tree.changes).toEqual([]);
});

it('edits add up, and are seen by those that follow', () => {
  const tree = new Tree(root);
  tree.addImport(path, `import { first } from './first.js';`);
  tree.addImport(path, `import { second } from './second.js';`);
  tree.append(path, { opening: 'allProjections: readonly RunnableProjection[] = [', closing: '];' }, 'one, ');
  tree.append(path, { opening: 'allProjections: readonly RunnableProjection[] = [', closing: '];' }, 'two, ');
  expect(tree.read(path)).toContain(`import { first } from './first.js';\nimport { second } from './second.js';\n`);
  expect(tree.read(path)).toMatch(/one, two, \];\n$/);
  expect(tree.changes).toEqual([{ path, created: false }]);
});
