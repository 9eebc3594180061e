import { describe, expect, it } from '@jest/globals';
import { exportsNamedNowhereElse } from './exported-names.js';

describe('an exported name', () => {
  const packages = new Map([['@ringfence/kernel', 'libs/kernel']]);
  const kernel = (text: string) => ({ path: 'libs/kernel/src/ids.ts', text });
  const reader = (text: string) => ({ path: 'apps/server/src/main.ts', text });

  it('is found when no other file imports it, though its own uses it', () => {
    const source = kernel('export const one = 1;\nexport type Two = typeof one;\nexport function three() {}\n');
    expect(exportsNamedNowhereElse([source, reader(`const one = 2;`)], packages)).toEqual([
      'libs/kernel/src/ids.ts: one',
      'libs/kernel/src/ids.ts: Two',
      'libs/kernel/src/ids.ts: three',
    ]);
  });

  it.each([
    { how: 'by its package', text: `import { one, type Two } from '@ringfence/kernel/ids';` },
    {
      how: 'over several lines, under another name',
      text: `import {\n  one as uno,\n  type Two,\n} from '../../../libs/kernel/src/ids.js';`,
    },
    { how: 'passed on', text: `export { one, type Two } from '@ringfence/kernel/ids';` },
    { how: 'with the whole file', text: `import * as ids from '@ringfence/kernel/ids';` },
    { how: 'at run time', text: `const { one } = await import('@ringfence/kernel/ids');` },
  ])('is left alone when it is imported $how', ({ text }) => {
    const source = kernel('export const one = 1;\nexport type Two = typeof one;\n');
    expect(exportsNamedNowhereElse([source, reader(text)], packages)).toEqual([]);
  });

  it('is not mistaken for one of the same name in another file', () => {
    const other = { path: 'libs/kernel/src/units.ts', text: 'export const one = 1;\n' };
    const text = `import { one } from '@ringfence/kernel/ids';`;
    expect(exportsNamedNowhereElse([kernel('export const one = 1;'), other, reader(text)], packages)).toEqual([
      'libs/kernel/src/units.ts: one',
    ]);
  });
});
