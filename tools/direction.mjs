// Runs dependency-cruiser over the tree and fails when it saw nothing: a gate that looks at no module lets everything
// through.
import { cruise } from 'dependency-cruiser';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { roomCycles } from './room-cycles.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const config = createRequire(import.meta.url)('../.dependency-cruiser.cjs');
process.chdir(root);
const { output } = await cruise(
  ['apps', 'libs', 'bench', 'e2e', 'examples'],
  {
    ...config.options,
    ruleSet: { forbidden: config.forbidden },
    validate: true,
  },
  config.options.enhancedResolveOptions,
  {},
);
const { violations, totalCruised } = output.summary;
for (const { rule, from, to } of violations) console.error(`${rule.severity} ${rule.name}: ${from} → ${to}`);
const between = output.modules.flatMap((module) =>
  module.dependencies.filter(({ resolved }) => resolved.startsWith('libs/')),
);
const cycles = roomCycles(output.modules, new RegExp(config.roomCycles.pathNot));
for (const each of cycles) console.error(`${config.roomCycles.severity} ${config.roomCycles.name}: ${each}`);
if (between.length === 0) console.error('no import between libraries was resolved: the gate is blind');
console.log(`${totalCruised} modules, ${between.length} imports of libraries, ${violations.length} violations`);
process.exit(
  violations.some(({ rule }) => rule.severity === 'error') ||
    cycles.length > 0 ||
    totalCruised === 0 ||
    between.length === 0
    ? 1
    : 0,
);
