import { describe, expect, it } from '@jest/globals';
import { relative } from 'node:path';
import { kind as event } from './kinds/event.js';
import { complaintsOf, generated, root } from './skeletons.js';

/** Whatever reads events, or lists them. */
const readers = [
  'libs/{domain,event-catalog,lanes,auth,projections,read-models,reactors,testing}/src/**/*.ts',
  'libs/http/src/asyncapi/*.ts',
  'apps/cli/src/replay/*.ts',
];

describe('a new event', () => {
  it('of a context that nobody reads one by one takes four files, and compiles', () => {
    const tree = generated(event, 'platform', 'TrunkRetired');
    expect(tree.changes).toEqual([
      { path: 'libs/domain/src/platform/platform.events.ts', created: false },
      { path: 'libs/event-catalog/src/platform.ts', created: false },
      { path: 'libs/testing/src/example-events.ts', created: false },
      { path: 'libs/domain/src/streams/platform/platform-stream.ts', created: false },
    ]);
    expect(tree.read('libs/event-catalog/src/platform.ts')).toContain(`name: 'platform.trunk_retired'`);
    expect(complaintsOf(tree, readers)).toEqual([]);
  });

  it('of a context that is read does not compile until each of its readers has decided', () => {
    const complaints = complaintsOf(generated(event, 'calls', 'CallRecorded'), readers);
    const files = complaints.map((each) => relative(root, each.slice(0, each.indexOf(': '))));
    expect([...new Set(files)].sort()).toEqual([
      'libs/domain/src/postings.ts',
      'libs/read-models/src/calls/calls.projection.ts',
      'libs/read-models/src/limits/rate-counters.projection.ts',
      'libs/read-models/src/usage/usage.projection.ts',
    ]);
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

  it('is asked for with a context that is there and a name of two words or more', () => {
    expect(() => generated(event, 'weather', 'RainFell')).toThrow('the context is one of accounts, keys');
    expect(() => generated(event, 'platform', 'trunk-retired')).toThrow('Pascal case');
  });
});
