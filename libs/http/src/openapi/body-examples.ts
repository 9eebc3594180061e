import { publicCommandNames, publicCommands } from '@ringfence/wire/public-commands';
import { bodySchemaOf } from '../edge/command-body.js';

/** One complete body for each schema of a request, by the schema's name. */
export const bodyExamples: Readonly<Record<string, object>> = Object.fromEntries(
  publicCommandNames.map((name) => [bodySchemaOf(name), publicCommands[name].example]),
);
