import { describe, expect, it } from '@jest/globals';
import { kind as event } from './kinds/event.js';
import { generated } from './skeletons.js';

describe('a new event', () => {
  it('of a context that nobody reads one by one takes four files', () => {
    const tree = generated(event, 'platform', 'TrunkRetired');
    expect(tree.changes).toEqual([
      { path: 'libs/domain/src/platform/platform.events.ts', created: false },
      { path: 'libs/event-catalog/src/platform.ts', created: false },
      { path: 'libs/testing/src/example-events.ts', created: false },
      { path: 'libs/domain/src/streams/platform/platform-stream.ts', created: false },
    ]);
    expect(tree.read('libs/event-catalog/src/platform.ts')).toContain(`name: 'platform.trunk_retired'`);
  });

  it.each([
    { context: 'accounts', type: 'AccountClosed', name: 'account.closed', moment: 'closedAtMs' },
    { context: 'keys', type: 'KeyFrozen', name: 'key.frozen', moment: 'frozenAtMs' },
    { context: 'rejections', type: 'SecretGuessed', name: 'audit.secret_guessed', moment: 'guessedAtMs' },
  ])('$type is $name on the wire, at $moment', ({ context, type, name, moment }) => {
    const entry = generated(event, context, type).read(`libs/event-catalog/src/${context}.ts`);
    expect(entry).toContain(`${type}: { name: '${name}', version: 1,`);
    expect(entry).toContain(`${moment}: moment }`);
  });

  it('needs an existing context and a name of at least two words', () => {
    expect(() => generated(event, 'weather', 'RainFell')).toThrow('the context is one of accounts, keys');
    expect(() => generated(event, 'platform', 'trunk-retired')).toThrow('Pascal case');
    expect(() => generated(event, 'accounts', 'AccountOpened')).toThrow('has AccountOpened already');
  });
});
