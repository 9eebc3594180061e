import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Restrictions of the pure core: it may not see the clock, throw dice, or let a float near money. */
const impure = [
  { selector: "Identifier[name='Date']", message: 'The core has no clock: moments come in with the command.' },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'The core throws no dice: ids come in with the command.',
  },
  { selector: 'Literal[raw=/^[0-9_]*\\.[0-9]/]', message: 'No fractions in the core: money and time are whole.' },
  { selector: "CallExpression[callee.name='parseFloat']", message: 'No floats in the core.' },
  { selector: "CallExpression[callee.property.name='toFixed']", message: 'No floats in the core.' },
  {
    selector: "CallExpression[callee.name='Number'] > :matches(BigIntLiteral, Identifier[name=/[mM]icros/])",
    message: 'Money stays bigint.',
  },
];

/** Calls that wait for ever instead of failing. */
const endless = [
  {
    selector: "CallExpression[callee.name='mkdir'] Property[key.name='recursive']",
    message: 'The recursion of mkdir never ends where no folder can be made (/proc): makeFolder goes step by step.',
  },
];

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      'apps/server/bundle/**',
      'libs/sdk/bundle/**',
      'node_modules/**',
      '.ringfence/**',
      '.nx/**',
      'bench/results/**',
      '**/*.mjs',
      '**/*.cjs',
      '**/*.js',
    ],
  },
  eslint.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true, allowEmpty: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreVoidReturningFunctions: true }],
      // Nest declares its options as classes and takes any object of their shape.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 400, skipBlankLines: true }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['apps/**/*.ts', 'libs/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/*.contract.ts'],
    rules: { 'no-restricted-syntax': ['error', ...endless] },
  },
  {
    files: ['libs/domain/src/**/*.ts', 'libs/kernel/src/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...impure] },
  },
  // Nest finds constructor parameters by decorator metadata: a type-only import would erase the token.
  {
    files: ['libs/http/**/*.ts', 'apps/**/*.ts', '**/*.module.ts', '**/*.handlers.ts'],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  {
    files: ['**/*.spec.ts', '**/*.contract.ts', '**/*.e2e.ts', '**/*.long.ts', 'bench/**/*.ts'],
    rules: { 'max-lines-per-function': 'off', 'max-lines': ['error', { max: 600 }] },
  },
);
