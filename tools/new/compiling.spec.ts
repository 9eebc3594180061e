import { describe, expect, it } from '@jest/globals';
import { relative } from 'node:path';
import { kind as command } from './kinds/command.js';
import { kind as commandRoute } from './kinds/command-route.js';
import { kind as event } from './kinds/event.js';
import { kind as projection } from './kinds/projection.js';
import { kind as query } from './kinds/query.js';
import { kind as route } from './kinds/route.js';
import { complaintsOf, generatedTogether, root } from './skeletons.js';

/** Files that read or list events. */
const ofEvents = [
  'libs/{domain,event-catalog,lanes,auth,projections,read-models,reactors,testing}/src/**/*.ts',
  'libs/http/src/asyncapi/*.ts',
  'apps/cli/src/replay/*.ts',
];
/** Files that derive from the definitions of commands, and have to compile with a new one. */
const ofCommands = [
  'libs/lanes/src/batch.ts',
  'libs/command-transport/src/envelope/wire-command-envelope.ts',
  'libs/cqrs/src/public-command.handlers.ts',
  'libs/http/src/asyncapi/command-messages.ts',
  'libs/sdk/src/main.ts',
];
const ofRoutes = ['libs/http/src/http.module.ts'];
const readers = [...ofEvents, ...ofCommands, ...ofRoutes];

/** Enough to read and check the whole tree on a slow machine, even beside other work. */
const compilingMs = 300_000;

/** Compiles several skeletons at a time, because each run of the compiler reads the whole tree. */
describe('what is generated', () => {
  it(
    'compiles: an event that nobody reads one by one, a command and what derives from it, a projection, a query, a route',
    () => {
      const tree = generatedTogether(
        [event, 'platform', 'TrunkRetired'],
        [command, 'accounts', 'CloseAccount'],
        [projection, 'platform', 'deck-history'],
        [query, 'calls', 'calls'],
        [route, 'accounts', 'show-balance', 'balances'],
        [route, 'calls', 'show-carried', 'carried', 'calls'],
      );
      expect(complaintsOf(tree, readers)).toEqual([]);
    },
    compilingMs,
  );

  it(
    'compiles for a command of calls and its route, and for an event of calls only once each of its readers has decided',
    () => {
      const tree = generatedTogether(
        [event, 'calls', 'CallRecorded'],
        [command, 'calls', 'HoldCall'],
        [commandRoute, 'calls', 'hold-call'],
      );
      const files = complaintsOf(tree, readers).map((each) => relative(root, each.slice(0, each.indexOf(': '))));
      expect([...new Set(files)].sort()).toEqual([
        'libs/domain/src/postings.ts',
        'libs/read-models/src/calls/calls.projection.ts',
        'libs/read-models/src/limits/rate-counters.projection.ts',
        'libs/read-models/src/usage/usage.projection.ts',
        'libs/wire/src/calls/call-event-body.ts',
      ]);
    },
    compilingMs,
  );

  it('may only be combined if no file is edited twice', () => {
    expect(() => generatedTogether([command, 'calls', 'HoldCall'], [command, 'calls', 'MuteCall'])).toThrow(
      'is touched twice',
    );
  });
});
