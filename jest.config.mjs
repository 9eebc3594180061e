/** Jest runs our ESM with `node --experimental-vm-modules`; workspaces resolve to their sources by the export condition. */
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
  testEnvironmentOptions: { exportConditions: ['ringfence-source', 'node', 'import', 'default'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': swc },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js'] },
  testMatch: ['<rootDir>/{libs,apps,tools,bench}/**/*.spec.ts'],
  modulePathIgnorePatterns: ['/dist/', '<rootDir>/\\.'],
  watchman: false,
};
