/** The direction of dependencies: kernel ← domain ← ports, projections ← application, read-models ← adapters, http ← apps. */
const lib = (...names) => `^libs/(${names.join('|')})/`;
const ports = ['event-catalog', 'event-store', 'telephony'];
const outer = '^(apps|bench|e2e|examples|tools)/';
const tests = '\\.(spec|contract|e2e|long|faults)\\.ts$';

/** What each layer may not import. */
const layer = (name, from, to) => ({
  name,
  severity: 'error',
  comment: 'Imports point inwards only.',
  from: { path: from, pathNot: tests },
  to: { path: to },
});

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
        path: '(^|/)bin/ringfence\\.js$|(^|/)(main|baseline-server|echo-server)\\.ts$|\\.(spec|e2e|long|faults)\\.ts$',
      },
      to: {
        path: '^(apps|libs|bench|e2e|examples)/',
        pathNot:
          '(^|/)bin/ringfence\\.js$|(^|/)(main|baseline-server|echo-server)\\.ts$|\\.(spec|e2e|long|faults)\\.ts$',
        reachable: false,
      },
    },
    layer('kernel-imports-nothing', lib('kernel'), '^libs/(?!kernel/)|node_modules|^[a-z]+$|^node:'),
    layer('domain-is-pure', lib('domain'), '^libs/(?!kernel/|domain/)|node_modules/(?!immutable)|^node:'),
    layer('domain-uses-no-node', lib('domain'), '^(fs|net|http|crypto|os|path|child_process|worker_threads)(/|$)'),
    layer('ports-see-the-core', lib(...ports), `^libs/(?!kernel/|domain/|${ports.join('/|')}/)`),
    layer(
      'projections-know-no-context',
      lib('projections'),
      '^libs/(?!kernel/|domain/|event-catalog/|event-store/|projections/)',
    ),
    layer('application-below-adapters', lib('application'), '^libs/(adapters|http|read-models|testing)/'),
    layer('read-models-below-adapters', lib('read-models'), '^libs/(adapters|http|application|testing)/'),
    layer('http-beside-adapters', lib('http'), '^libs/(adapters|testing)/'),
    layer('adapters-below-apps', '^libs/adapters/', '^libs/(http|testing)/'),
    layer(
      'sdk-sees-the-wire',
      lib('sdk'),
      '^libs/(?!kernel/|event-catalog/|messaging/|adapters/messaging-kafka/|sdk/)',
    ),
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
      name: 'only-calls-composes',
      severity: 'error',
      comment:
        'Contexts of the domain see each other through *.events.ts and the shared values alone; only calls composes them, and the platform its own keys.',
      from: { path: '^libs/domain/src/(?!calls/|platform/platform-stream)([^/]+)/', pathNot: tests },
      to: {
        path: '^libs/domain/src/[^/]+/.*(decider|commands)\\.ts$',
        pathNot: ['^libs/domain/src/$1/'],
      },
    },
    {
      name: 'nest-at-the-edge',
      severity: 'error',
      from: {
        path: '^(libs|apps)/',
        pathNot: ['^libs/http/', '^apps/ringfence/', '\\.(module|handlers|saga)\\.ts$', tests],
      },
      to: { path: 'node_modules/@nestjs/' },
    },
  ],
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
