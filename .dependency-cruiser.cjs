/**
 * The direction of dependencies. What a library may import of the others, and why not more, is drawn in
 * docs/architecture.md.
 */
const lib = (...names) => `^libs/(${names.join('|')})/`;
const outer = '^(apps|bench|e2e|examples|tools)/';
const tests = '\\.(spec|contract|e2e|long|faults)\\.ts$';

/** Library → the libraries that it may import besides itself. */
const mayImport = {
  kernel: [],
  domain: ['kernel'],
  runtime: ['kernel'],
  ports: ['kernel', 'domain'],
  'event-catalog': ['kernel', 'domain', 'ports'],
  wire: ['kernel', 'domain', 'ports', 'event-catalog'],
  numbering: ['kernel', 'domain', 'ports'],
  calendar: ['kernel', 'domain', 'ports'],
  commands: ['kernel', 'domain', 'runtime', 'event-catalog'],
  lanes: ['kernel', 'domain', 'runtime', 'ports', 'event-catalog', 'numbering', 'calendar', 'commands'],
  projections: ['kernel', 'domain', 'ports', 'event-catalog'],
  'event-feed': ['kernel', 'runtime', 'ports', 'event-catalog', 'wire', 'projections'],
  auth: ['kernel', 'domain', 'runtime', 'ports', 'event-catalog', 'commands', 'projections', 'event-feed'],
  requests: [
    ...['kernel', 'domain', 'runtime', 'ports', 'event-catalog', 'wire'],
    ...['numbering', 'calendar', 'commands', 'auth'],
  ],
  reactors: ['kernel', 'domain', 'ports', 'event-catalog', 'wire', 'commands', 'lanes'],
  bootstrap: ['kernel', 'domain', 'runtime', 'ports', 'event-catalog', 'commands', 'lanes', 'auth'],
  'command-transport': [
    ...['kernel', 'domain', 'runtime', 'ports', 'event-catalog', 'wire'],
    ...['commands', 'lanes', 'event-feed', 'auth', 'requests'],
  ],
  cqrs: [
    ...['kernel', 'domain', 'ports', 'event-catalog', 'wire', 'commands'],
    ...['projections', 'event-feed', 'requests'],
  ],
  'read-models': ['kernel', 'domain', 'runtime', 'ports', 'event-catalog', 'projections'],
  http: [
    ...['kernel', 'domain', 'runtime', 'ports', 'event-catalog', 'wire', 'numbering', 'calendar', 'commands', 'lanes'],
    ...['projections', 'auth', 'requests', 'command-transport', 'cqrs', 'read-models'],
  ],
  sdk: ['kernel', 'ports', 'event-catalog', 'wire', 'adapters/messaging-kafka'],
  testing: ['(?!http/|read-models/|sdk/|reactors/|cqrs/)[^/]+'],
};
const adaptersMayImport = ['kernel', 'domain', 'runtime', 'ports', 'wire', 'auth', 'adapters'];

/** Imports that each layer may not have. */
const layer = (name, from, to) => ({
  name,
  severity: 'error',
  comment: 'Imports point inwards only.',
  from: { path: from, pathNot: tests },
  to: { path: to },
});
const only = (from, allowed) => `^libs/(?!${[from, ...allowed].map((name) => `${name}/`).join('|')})`;

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dead-files',
      severity: 'error',
      comment: 'Every module is reached from a program or a test.',
      from: {
        path: '(^|/)bin/ringfence\\.js$|^apps/server/src/server\\.ts$|(^|/)(main|baseline-server|echo-server|row-server)\\.ts$|\\.(spec|e2e|long|faults)\\.ts$',
      },
      to: {
        path: '^(apps|libs|bench|e2e|examples)/',
        pathNot:
          '(^|/)bin/ringfence\\.js$|^apps/server/src/server\\.ts$|(^|/)(main|baseline-server|echo-server|row-server)\\.ts$|\\.(spec|e2e|long|faults)\\.ts$',
        reachable: false,
      },
    },
    ...Object.entries(mayImport).map(([name, allowed]) => layer(`${name}-imports`, lib(name), only(name, allowed))),
    layer('adapters-import', '^libs/adapters/', only('adapters', adaptersMayImport)),
    layer('kernel-is-bare', lib('kernel'), 'node_modules|^[a-z]+$|^node:'),
    layer('domain-is-pure', lib('domain'), 'node_modules/(?!immutable)|^node:'),
    layer('domain-uses-no-node', lib('domain'), '^(fs|net|http|crypto|os|path|child_process|worker_threads)(/|$)'),
    layer('sdk-is-for-clients', '^(libs|apps|bench)/(?!sdk/)', '^libs/sdk/'),
    layer('examples-know-the-sdk-alone', '^examples/', '^(libs/(?!sdk/)|apps/|bench/|e2e/)'),
    layer('libs-below-apps', '^libs/', outer),
    layer('testing-in-tests-only', '^(libs|apps)/(?!testing/)', '^libs/testing/'),
    {
      name: 'adapters-share-nothing',
      severity: 'error',
      comment: 'An adapter may use the SQL pool; nothing else is shared between adapters.',
      from: { path: '^libs/adapters/([^/]+)/', pathNot: tests },
      to: { path: '^libs/adapters/', pathNot: ['^libs/adapters/$1/', '^libs/adapters/sql-postgres/'] },
    },
    {
      name: 'events-are-leaves',
      severity: 'error',
      from: { path: '^libs/domain/src/.*\\.events\\.ts$' },
      to: { path: '^libs/domain/src/.*(decider|commands|stream)\\.ts$' },
    },
    {
      name: 'only-streams-compose',
      severity: 'error',
      comment:
        'Contexts of the domain see each other through *.events.ts and the shared values alone; only streams compose them.',
      from: { path: '^libs/domain/src/(?!streams/)([^/]+)/', pathNot: tests },
      to: { path: '^libs/domain/src/[^/]+/.*\\.(decider|commands)\\.ts$', pathNot: ['^libs/domain/src/$1/'] },
    },
    {
      name: 'nest-at-the-edge',
      severity: 'error',
      from: {
        path: '^(libs|apps)/',
        pathNot: ['^libs/http/', '^apps/server/', '\\.(module|handlers|saga)\\.ts$', tests],
      },
      to: { path: 'node_modules/@nestjs/' },
    },
  ],
  /**
   * The rooms of each library, the first folders and files below its `src`, import each other in one order. No library
   * is excepted. Judged by tools/room-cycles.ts.
   */
  roomCycles: { name: 'no-room-cycles', severity: 'error', pathNot: tests },
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|bundle)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['ringfence-source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.d.ts'],
    },
  },
};
