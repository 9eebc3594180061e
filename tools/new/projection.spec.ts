import { describe, expect, it } from '@jest/globals';
import { kind as projection } from './kinds/projection.js';
import { generated } from './skeletons.js';

describe('a new projection', () => {
  const tree = generated(projection, 'platform', 'deck-history');

  it('takes three files and one line', () => {
    expect(tree.changes).toEqual([
      { path: 'libs/read-models/src/platform/deck-history.projection.ts', created: true },
      { path: 'libs/read-models/src/platform/deck-history.sql', created: true },
      { path: 'libs/read-models/src/platform/deck-history.spec.ts', created: true },
      { path: 'libs/read-models/src/projections.ts', created: false },
    ]);
    const lines = tree.read('libs/read-models/src/projections.ts').split('\n');
    expect(lines.filter((line) => line.includes('deckHistoryProjection,'))).toHaveLength(1);
  });

  it('needs an existing context and a name that is valid for a schema', () => {
    expect(() => generated(projection, 'weather', 'deck-history')).toThrow('the context is one of accounts, keys');
    expect(() => generated(projection, 'platform', 'DeckHistory')).toThrow('lower-case letters and hyphens');
    expect(() => generated(projection, 'platform')).toThrow('lower-case letters and hyphens');
  });
});
