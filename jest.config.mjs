/**
 * Jest runs our ESM with `node --experimental-vm-modules`. A spec and what it imports relatively are sources; other
 * workspaces are their dist/, which tools/test.mjs builds first: so every run also tests what is shipped.
 */
const swc = [
  '@swc/jest',
  {
    jsc: {
      target: 'es2023',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  },
];

export default {
  rootDir: '.',
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': swc },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js'] },
  testMatch: ['<rootDir>/{libs,apps,tools,bench,e2e}/**/*.spec.ts'],
  globalSetup: './tools/shared-broker.mjs',
  globalTeardown: './tools/shared-broker-end.mjs',
  modulePathIgnorePatterns: ['/dist/', '<rootDir>/\\.'],
  watchman: false,
  testSequencer: './tools/slowest-first.mjs',
};
