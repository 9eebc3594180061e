import { describe, expect, it } from '@jest/globals';
import { kind as projection } from './kinds/projection.js';
import { kind as query } from './kinds/query.js';
import * as naming from './naming.js';
import { generated, root } from './skeletons.js';
import { Tree } from './tree.js';

describe('a new query', () => {
  it('takes two files, and its lines in the module and among the read models that are waited for', () => {
    const tree = generated(query, 'limits', 'rate-counters');
    expect(tree.changes).toEqual([
      { path: 'libs/read-models/src/limits/rate-counters.queries.ts', created: true },
      { path: 'libs/read-models/src/limits/rate-counters.handlers.ts', created: true },
      { path: 'libs/read-models/src/read-models.module.ts', created: false },
    ]);
  });

  it('can be waited for by the route that asks it', () => {
    const tree = new Tree(root);
    projection.generate(['platform', 'deck-history'], { tree, naming });
    query.generate(['platform', 'deck-history'], { tree, naming });
    expect(tree.read('libs/http/src/edge/reading.ts')).toMatch(/ReadModelName =[^;]* \| 'deck_history';/);
  });

  it('needs an existing projection', () => {
    expect(() => generated(query, 'platform', 'deck-history')).toThrow('does not exist: npm run new -- projection');
    expect(() => generated(query, 'limits', 'RateCounters')).toThrow('lower-case letters and hyphens');
  });
});
