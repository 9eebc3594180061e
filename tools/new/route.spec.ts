import { describe, expect, it } from '@jest/globals';
import { kind as route } from './kinds/route.js';
import { generated } from './skeletons.js';

describe('a new route', () => {
  it.each([
    ['among several routes', 'accounts', 'show-balance', 'balances'],
    ['beside the only one', 'audit', 'show-proof', 'audit/proof'],
  ])('takes two files, and its line in the list of its context: %s', (_where, context, name, path) => {
    const tree = generated(route, context, name, path);
    const listed = `libs/http/src/${context}/${context}.routes.ts`;
    expect(tree.changes).toEqual([
      { path: `libs/http/src/${context}/${name}.ts`, created: true },
      { path: `libs/http/src/${context}/${name}.spec.ts`, created: true },
      { path: listed, created: false },
    ]);
    expect(tree.read(listed)).toMatch(/controllers: \[[^\]]*Controller,\s*Show(Balance|Proof)Controller,?\s*\]/);
  });

  it('needs a context that has routes, a verb and a noun, and a path', () => {
    expect(() => generated(route, 'harbours', 'show-tide', 'tide')).toThrow('harbours.routes.ts is not there');
    expect(() => generated(route, 'usage', 'forecast', 'usage/forecast')).toThrow('a verb and a noun');
    expect(() => generated(route, 'usage', 'show-forecast', '/usage')).toThrow('the path');
    expect(() => generated(route, 'usage', 'show-usage', 'usage')).toThrow('is there already');
    expect(() => generated(route, 'usage', 'show-wind', 'wind', 'wind')).toThrow('npm run new -- query usage wind');
  });
});
